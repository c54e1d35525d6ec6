// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.plugins;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.tunneldigger.api.PluginConfiguration;
import org.tunneldigger.network.NetlinkNetwork;

/** The classes in docs/plugin-guide.md, built as a reader would build them and loaded as the broker does. */
class PluginGuideTest {
    private static final Path GUIDE = Path.of("../docs/plugin-guide.md");
    private static final Pattern SNIPPET =
            Pattern.compile("```java\n(package ([a-z.]+);.*?public class (\\w+) .*?)```", Pattern.DOTALL);
    private static final Pattern SECTION = Pattern.compile("```ini\n\\[plugin\\.([a-z-]+)]\n(.*?)```", Pattern.DOTALL);

    @TempDir
    private Path folder = Path.of("set by JUnit");

    @TestFactory
    Stream<DynamicTest> everyClassOfTheGuideIsALoadablePlugin() throws Exception {
        String guide = Files.readString(GUIDE);
        List<Matcher> snippets = matches(SNIPPET, guide);
        assertThat(snippets).hasSizeGreaterThan(3);
        assertThat(guide.split("```java", -1))
                .as("all snippets are whole classes")
                .hasSize(snippets.size() + 1);
        return snippets.stream()
                .map(snippet -> DynamicTest.dynamicTest(
                        snippet.group(3), () -> load(snippet.group(3), snippet.group(1), sections(guide))));
    }

    private void load(String name, String source, Map<String, PluginConfiguration> sections) throws Exception {
        Path dropIn = Files.createDirectories(folder.resolve(name));
        Path sources = Files.createDirectories(folder.resolve(name + "-source"));
        Path classes = Files.createDirectories(folder.resolve(name + "-classes"));
        Path file = Files.writeString(sources.resolve(name + ".java"), source);
        StringWriter messages = new StringWriter();
        var compiler = ToolProvider.getSystemJavaCompiler();
        try (var files = compiler.getStandardFileManager(null, null, null)) {
            List<String> options = List.of(
                    "-processor",
                    "org.pf4j.processor.ExtensionAnnotationProcessor",
                    "-d",
                    classes.toString(),
                    "-classpath",
                    System.getProperty("java.class.path"));
            boolean compiled = compiler.getTask(messages, files, null, options, null, files.getJavaFileObjects(file))
                    .call();
            assertThat(compiled).as(messages.toString()).isTrue();
        }
        String id = name.replaceAll("(?<=[a-z])(?=[A-Z])", "-").toLowerCase(Locale.ROOT);
        pack(id, classes, dropIn.resolve(id + ".jar"));
        PluginSettings settings = new PluginSettings(Optional.empty(), Optional.of(dropIn), List.of(), sections);
        try (NetlinkNetwork network = new NetlinkNetwork();
                PluginHost host = PluginHost.load(settings, network)) {
            assertThat(host.failures()).isEmpty();
            assertThat(host.plugins()).singleElement().satisfies(plugin -> {
                assertThat(plugin.id()).isEqualTo(id);
                assertThat(plugin.hooks()).isNotEmpty();
            });
            if (sections.containsKey(id)) {
                assertThat(sections.get(id).warnings()).isEmpty();
            }
        }
    }

    private static Map<String, PluginConfiguration> sections(String guide) {
        Map<String, PluginConfiguration> sections = new HashMap<>();
        for (Matcher section : matches(SECTION, guide)) {
            Map<String, String> keys = new HashMap<>();
            section.group(2).lines().forEach(line -> keys.put(line.split(" = ")[0], line.split(" = ")[1]));
            sections.put(section.group(1), PluginConfiguration.of("plugin." + section.group(1), keys));
        }
        assertThat(sections).isNotEmpty();
        return sections;
    }

    private static void pack(String id, Path classes, Path jar) throws Exception {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().putValue("Plugin-Id", id);
        manifest.getMainAttributes().putValue("Plugin-Version", "1.0");
        manifest.getMainAttributes().putValue("Plugin-Requires", "~0.1.0");
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest);
                Stream<Path> files = Files.walk(classes)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                out.putNextEntry(new ZipEntry(classes.relativize(file).toString()));
                Files.copy(file, out);
            }
        }
    }

    private static List<Matcher> matches(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        List<Matcher> found = new ArrayList<>();
        int from = 0;
        while (matcher.find(from)) {
            found.add(matcher);
            from = matcher.end();
            matcher = pattern.matcher(text);
        }
        return found;
    }
}
