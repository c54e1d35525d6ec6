// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.jshooks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.jar.Manifest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pf4j.ClassLoadingStrategy;
import org.pf4j.DefaultPluginDescriptor;
import org.pf4j.DefaultPluginManager;
import org.pf4j.PluginClassLoader;
import org.tunneldigger.api.PluginLifecycle;
import org.tunneldigger.api.hook.SessionUpHook;
import org.tunneldigger.testing.SampleSessions;
import org.tunneldigger.testing.TestContext;

/** The plugin from the files that go into its zip, with a class loader that sees what the broker shows to plugins. */
class PluginFilesTest {
    private static final Path CLASSES = Path.of(URI.create(
            JsHooks.class.getProtectionDomain().getCodeSource().getLocation().toString()));
    private static final Path LIBRARIES = Path.of("target/plugin/lib");

    @TempDir
    Path folder;

    /** As the broker's: the JDK, the plugin API, PF4J and SLF4J. */
    private static final class Api extends ClassLoader {
        Api() {
            super(ClassLoader.getPlatformClassLoader());
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            if (name.startsWith("org.tunneldigger.api.")
                    || name.startsWith("org.pf4j.")
                    || name.startsWith("org.slf4j.")) {
                return PluginFilesTest.class.getClassLoader().loadClass(name);
            }
            throw new ClassNotFoundException(name);
        }
    }

    private static PluginClassLoader loader() throws Exception {
        PluginClassLoader loader = new PluginClassLoader(
                new DefaultPluginManager(List.<Path>of()),
                new DefaultPluginDescriptor(),
                new Api(),
                ClassLoadingStrategy.APD);
        loader.addFile(CLASSES.toFile());
        try (DirectoryStream<Path> jars = Files.newDirectoryStream(LIBRARIES, "*.jar")) {
            jars.forEach(jar -> loader.addFile(jar.toFile()));
        }
        return loader;
    }

    /** Runs a script in a fresh load of the plugin. */
    private void runOnce() throws Exception {
        try (PluginClassLoader loader = loader();
                TestContext context = TestContext.of("js-hooks", Map.of("directory", folder.toString()))) {
            Object plugin = loader.loadClass("org.tunneldigger.jshooks.JsHooks")
                    .getDeclaredConstructor()
                    .newInstance();
            assertThat(plugin).isNotInstanceOf(JsHooks.class);
            ((PluginLifecycle) plugin).start(context);
            ((SessionUpHook) plugin).onSessionUp(SampleSessions.up("l2tp100-100", 1446));
            assertThat(context.logger().lines()).contains("INFO a.js: up l2tp100-100");
            ((PluginLifecycle) plugin).close();
            JsFixture.until(() -> Thread.getAllStackTraces().keySet().stream()
                    .noneMatch(thread -> thread.getContextClassLoader() == loader));
        }
    }

    /** Its class loader is not collected afterwards: the engine leaves a shutdown hook of the JVM behind, see the ADR. */
    @Test
    void runsBesideTheBrokersClassesAndAgainAfterAReload() throws Exception {
        Files.writeString(folder.resolve("a.js"), "on('session.up', e => log.info('up', e.interface))");
        // The broker's context class loader knows no engine, unlike that of this test.
        Thread.currentThread().setContextClassLoader(ClassLoader.getPlatformClassLoader());
        PrintStream errorsBefore = System.err;
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        System.setErr(new PrintStream(errors, true, StandardCharsets.UTF_8));
        try {
            runOnce();
            runOnce();
        } finally {
            System.setErr(errorsBefore);
            Thread.currentThread().setContextClassLoader(PluginFilesTest.class.getClassLoader());
        }
        // It neither warns that it is an interpreter only nor that it misses a native library.
        assertThat(errors.toString(StandardCharsets.UTF_8)).doesNotContain("engine");
    }

    @Test
    void bundlesNothingThatIsTheBrokers() throws Exception {
        try (DirectoryStream<Path> jars = Files.newDirectoryStream(LIBRARIES)) {
            assertThat(jars)
                    .extracting(jar -> String.valueOf(jar.getFileName()))
                    .anyMatch(name -> name.startsWith("js-language-"))
                    .noneMatch(name -> name.startsWith("plugin-api")
                            || name.startsWith("pf4j")
                            || name.startsWith("slf4j")
                            || name.startsWith("java-semver"));
        }
        try (var stream = Files.newInputStream(CLASSES.resolve("META-INF/MANIFEST.MF"))) {
            assertThat(new Manifest(stream).getMainAttributes().getValue("Plugin-Id"))
                    .isEqualTo("js-hooks");
        }
        assertThat(Files.readString(CLASSES.resolve("META-INF/extensions.idx")))
                .contains("org.tunneldigger.jshooks.JsHooks");
    }
}
