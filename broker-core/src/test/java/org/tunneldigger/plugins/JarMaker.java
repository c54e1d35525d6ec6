// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.plugins;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/** Compiles a class and packs it as a plugin's build would. */
final class JarMaker {
    private final Path folder;
    private final String id;
    private final Map<String, String> manifest = new LinkedHashMap<>();
    private final Map<String, byte[]> entries = new LinkedHashMap<>();
    private final StringBuilder index = new StringBuilder();

    JarMaker(Path folder, String id) {
        this.folder = folder;
        this.id = id;
        manifest.put("Plugin-Id", id);
        manifest.put("Plugin-Version", "1.0.0");
    }

    JarMaker manifest(String key, String value) {
        manifest.put(key, value);
        return this;
    }

    JarMaker entry(String name, String content) {
        entries.put(name, content.getBytes(StandardCharsets.UTF_8));
        return this;
    }

    /** Adds a public class of package {@code chaos} that is an extension. */
    JarMaker extension(String name, String implemented, String body) throws IOException {
        index.append("chaos.").append(name).append('\n');
        return type(name, "@org.pf4j.Extension public class " + name + " implements " + implemented, body);
    }

    /** Adds a class of package {@code chaos}. */
    JarMaker type(String name, String declaration, String body) throws IOException {
        String source = "package chaos; import org.tunneldigger.api.*; import org.tunneldigger.api.event.*;"
                + " import org.tunneldigger.api.hook.*; " + declaration + " {" + body + "}";
        Path output = Files.createDirectories(folder.resolve("classes-" + id));
        StringWriter messages = new StringWriter();
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        boolean compiled = compiler.getTask(
                        messages,
                        null,
                        null,
                        List.of(
                                "-proc:none",
                                "-d",
                                output.toString(),
                                "-classpath",
                                System.getProperty("java.class.path") + ":" + output),
                        null,
                        List.of(new Source(name, source)))
                .call();
        assertThat(compiled).as(messages.toString()).isTrue();
        return this;
    }

    /** Removes a compiled class, so that its users meet a NoClassDefFoundError. */
    JarMaker without(String type) throws IOException {
        Files.delete(folder.resolve("classes-" + id + "/chaos/" + type + ".class"));
        return this;
    }

    Path write() throws IOException {
        return write(id + ".jar");
    }

    /** Packs it as PF4J's zip: the classes in a folder of their own, beside an empty library. */
    Path writeZip(String fileName) throws IOException {
        Path inner = write("." + id + ".inner");
        Path zip = folder.resolve(fileName);
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip));
                ZipFile in = new ZipFile(inner.toFile())) {
            for (ZipEntry entry : Collections.list(in.entries())) {
                put(out, "classes/" + entry.getName(), in.getInputStream(entry).readAllBytes());
            }
            ByteArrayOutputStream library = new ByteArrayOutputStream();
            try (JarOutputStream jar = new JarOutputStream(library)) {
                put(jar, "library.txt", "from the library".getBytes(StandardCharsets.UTF_8));
            }
            put(out, "lib/some.jar", library.toByteArray());
        }
        Files.delete(inner);
        return zip;
    }

    Path write(String fileName) throws IOException {
        Manifest attributes = new Manifest();
        attributes.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.forEach((key, value) -> attributes.getMainAttributes().putValue(key, value));
        Path jar = folder.resolve(fileName);
        if (!index.isEmpty()) {
            entry("META-INF/extensions.idx", index.toString());
        }
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream out = new JarOutputStream(file, attributes)) {
            for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                put(out, entry.getKey(), entry.getValue());
            }
            putClasses(out);
        }
        return jar;
    }

    private void putClasses(JarOutputStream out) throws IOException {
        Path classes = folder.resolve("classes-" + id);
        if (!Files.isDirectory(classes)) {
            return;
        }
        try (Stream<Path> files = Files.walk(classes)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                put(out, classes.relativize(file).toString(), Files.readAllBytes(file));
            }
        }
    }

    private static void put(ZipOutputStream out, String name, byte[] content) throws IOException {
        out.putNextEntry(new ZipEntry(name));
        out.write(content);
        out.closeEntry();
    }

    private static final class Source extends SimpleJavaFileObject {
        private final String text;

        Source(String type, String text) {
            super(URI.create("string:///chaos/" + type + ".java"), JavaFileObject.Kind.SOURCE);
            this.text = text;
        }

        @Override
        public @Nullable CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }
}
