// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.plugins;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.regex.Pattern;

/**
 * A plugin's jar as far as it can be judged without loading a class of it.
 *
 * @param path the jar
 * @param id the manifest's {@code Plugin-Id}
 */
record PluginJar(Path path, String id) {
    private static final Pattern API_CLASS =
            Pattern.compile("(META-INF/versions/\\d+/)?org/tunneldigger/api/.*\\.class");

    static PluginJar read(Path path) throws PluginRefusedException {
        try (JarFile jar = new JarFile(path.toFile())) {
            Manifest manifest = jar.getManifest();
            String id = manifest == null ? null : manifest.getMainAttributes().getValue("Plugin-Id");
            if (id == null || id.isBlank()) {
                throw new PluginRefusedException("its manifest has no Plugin-Id, so it is no plugin");
            }
            if (jar.stream()
                    .anyMatch(entry -> API_CLASS.matcher(entry.getName()).matches())) {
                throw new PluginRefusedException(
                        "it contains classes of org.tunneldigger.api, which must be the broker's;"
                                + " give the dependency on plugin-api the scope 'provided' and build it again");
            }
            return new PluginJar(path, id.strip());
        } catch (IOException e) {
            throw new PluginRefusedException("it cannot be read: " + e.getMessage());
        }
    }

    /** The jars of a folder by file name; names beginning with a dot are left out. */
    static List<Path> list(Path folder) throws IOException {
        List<Path> jars = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, "*.jar")) {
            for (Path entry : entries) {
                if (Files.isRegularFile(entry)
                        && !String.valueOf(entry.getFileName()).startsWith(".")) {
                    jars.add(entry);
                }
            }
        }
        Collections.sort(jars);
        return jars;
    }
}
