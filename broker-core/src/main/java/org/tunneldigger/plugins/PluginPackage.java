// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.plugins;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.Manifest;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;
import org.pf4j.DefaultVersionManager;
import org.tunneldigger.api.PluginApi;

/**
 * A plugin's file as far as it can be judged without loading a class of it: a jar, or a zip with {@code classes/} and
 * {@code lib/*.jar} as PF4J has them.
 *
 * @param path the file
 * @param id the manifest's {@code Plugin-Id}
 */
record PluginPackage(Path path, String id) {
    private static final Pattern API_CLASS =
            Pattern.compile("(classes/)?(META-INF/versions/\\d+/)?org/tunneldigger/api/.*\\.class");
    private static final Pattern API_JAR = Pattern.compile("lib/plugin-api[^/]*\\.jar");
    private static final List<String> MANIFESTS = List.of("META-INF/MANIFEST.MF", "classes/META-INF/MANIFEST.MF");

    boolean zip() {
        return path.toString().endsWith(".zip");
    }

    static PluginPackage read(Path path) throws PluginRefusedException {
        try (ZipFile file = new ZipFile(path.toFile())) {
            Attributes attributes = manifest(file);
            String id = attributes.getValue("Plugin-Id");
            if (id == null || id.isBlank()) {
                throw new PluginRefusedException("its manifest has no Plugin-Id, so it is no plugin");
            }
            if (file.stream().map(ZipEntry::getName).anyMatch(PluginPackage::isApi)) {
                throw new PluginRefusedException(
                        "it contains classes of org.tunneldigger.api, which must be the broker's;"
                                + " give the dependency on plugin-api the scope 'provided' and build it again");
            }
            checkVersion(attributes.getValue("Plugin-Requires"));
            return new PluginPackage(path, id.strip());
        } catch (ZipException e) {
            throw new PluginRefusedException("it is no whole jar or zip: " + e.getMessage());
        } catch (IOException e) {
            throw new PluginRefusedException("it cannot be read: " + e.getMessage());
        }
    }

    /** The jars and zips of a folder by file name; names beginning with a dot are left out. */
    static List<Path> list(Path folder) throws IOException {
        return named(folder).stream().filter(Files::isRegularFile).toList();
    }

    /** What has the name of a jar or zip that is to be loaded, sorted; it may be a folder or a link to nothing. */
    static List<Path> named(Path folder) throws IOException {
        List<Path> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, "*.{jar,zip}")) {
            for (Path entry : entries) {
                if (!String.valueOf(entry.getFileName()).startsWith(".")) {
                    names.add(entry);
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        Collections.sort(names);
        return names;
    }

    private static Attributes manifest(ZipFile file) throws IOException {
        for (String name : MANIFESTS) {
            ZipEntry entry = file.getEntry(name);
            if (entry != null) {
                try (InputStream in = file.getInputStream(entry)) {
                    return new Manifest(in).getMainAttributes();
                }
            }
        }
        return new Attributes();
    }

    private static boolean isApi(String entry) {
        return API_CLASS.matcher(entry).matches() || API_JAR.matcher(entry).matches();
    }

    private static void checkVersion(@Nullable String requires) throws PluginRefusedException {
        if (requires == null || requires.isBlank()) {
            return;
        }
        boolean fits;
        try {
            fits = new DefaultVersionManager().checkVersionConstraint(PluginApi.VERSION, requires.strip());
        } catch (RuntimeException e) {
            throw new PluginRefusedException("its Plugin-Requires, " + requires + ", is no range of versions");
        }
        if (!fits) {
            throw new PluginRefusedException(
                    "it needs plugin API " + requires.strip() + ", and this broker's is " + PluginApi.VERSION
                            + "; take the build of the plugin for this broker, or the broker for the plugin");
        }
    }
}
