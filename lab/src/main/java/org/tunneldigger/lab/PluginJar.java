// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.lab;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import javax.tools.ToolProvider;

/** A plugin's jar, made from a class's source as its build would make it. */
public final class PluginJar {
    private PluginJar() {}

    /**
     * Compiles one class and packs it.
     *
     * @param id its Plugin-Id
     * @param className with its package
     * @param source the whole file
     * @param workshop a folder for what comes between
     * @return the jar, in the workshop
     */
    public static Path make(String id, String className, String source, Path workshop) {
        try {
            Path folder = Files.createDirectories(workshop);
            Path classes = Files.createTempDirectory(folder, "classes");
            Path file = Files.writeString(
                    Files.createTempDirectory(folder, "source")
                            .resolve(className.substring(className.lastIndexOf('.') + 1) + ".java"),
                    source);
            compile(file, classes);
            Path jar = folder.resolve(id + ".jar");
            pack(id, classes, jar);
            return jar;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Puts a file into a folder as a careful administrator does: under another name first. */
    public static void drop(Path jar, Path folder) {
        try {
            Path hidden = folder.resolve("." + jar.getFileName());
            Files.copy(jar, hidden, StandardCopyOption.REPLACE_EXISTING);
            Files.move(
                    hidden,
                    folder.resolve(jar.getFileName()),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void compile(Path source, Path classes) throws IOException {
        var compiler = ToolProvider.getSystemJavaCompiler();
        var messages = new StringWriter();
        List<String> options = List.of(
                "-processor",
                "org.pf4j.processor.ExtensionAnnotationProcessor",
                "-d",
                classes.toString(),
                "-classpath",
                System.getProperty("lab.plugin.classpath", System.getProperty("java.class.path")));
        try (var files = compiler.getStandardFileManager(null, null, null)) {
            if (!compiler.getTask(messages, files, null, options, null, files.getJavaFileObjects(source))
                    .call()) {
                throw new IllegalArgumentException(messages.toString());
            }
        }
    }

    private static void pack(String id, Path classes, Path jar) throws IOException {
        var manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().putValue("Plugin-Id", id);
        manifest.getMainAttributes().putValue("Plugin-Version", "1.0");
        try (var out = new JarOutputStream(Files.newOutputStream(jar), manifest);
                Stream<Path> files = Files.walk(classes)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                out.putNextEntry(new ZipEntry(classes.relativize(file).toString()));
                Files.copy(file, out);
            }
        }
    }
}
