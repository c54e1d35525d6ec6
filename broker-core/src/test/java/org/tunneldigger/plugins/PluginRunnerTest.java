// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.plugins;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.net.URLClassLoader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tunneldigger.api.PluginConfiguration;
import org.tunneldigger.network.NetlinkNetwork;

/** Plugins that block or throw where they are not called every day. */
@Tag("long")
class PluginRunnerTest {
    private static final String UP = "public void onSessionUp(SessionUp event) {}";

    @TempDir
    private Path folder = Path.of("set by JUnit");

    private final NetlinkNetwork network = new NetlinkNetwork();
    private PluginRunner runner = new PluginRunner(network, new PrivateCopies());

    @BeforeEach
    void useFolder() {
        runner = new PluginRunner(network, new PrivateCopies(folder), Duration.ofMillis(500));
    }

    @AfterEach
    void close() {
        runner.close();
        network.close();
        System.clearProperty("chaos.ticks");
        System.clearProperty("chaos.end");
    }

    private LoadedPlugin load(JarMaker jar) throws Exception {
        return runner.load(PluginPackage.read(jar.write()), false);
    }

    private static PluginConfiguration noSettings() {
        return PluginConfiguration.of("plugin.any", Map.of());
    }

    @Test
    void jobsOfOneWhoseStartHangsEnd() throws Exception {
        LoadedPlugin plugin = load(new JarMaker(folder, "any")
                .extension(
                        "Hangs",
                        "PluginLifecycle, SessionUpHook",
                        "public void start(PluginContext c) { c.scheduler().every(java.time.Duration.ofMillis(1), () ->"
                                + " System.setProperty(\"chaos.ticks\", \"\" + System.nanoTime()));"
                                + " while (System.getProperty(\"chaos.end\") == null) { try { Thread.sleep(5); }"
                                + " catch (InterruptedException deaf) {} } }" + UP));
        assertThatExceptionOfType(PluginRefusedException.class)
                .isThrownBy(() -> runner.start(plugin, noSettings()))
                .matches(PluginRefusedException::hanging);
        assertThat(System.getProperty("chaos.ticks")).isNotNull();
        Thread.sleep(300); // the one that runs ends
        String last = System.getProperty("chaos.ticks");
        Thread.sleep(300);
        assertThat(System.getProperty("chaos.ticks")).isEqualTo(last);
        System.setProperty("chaos.end", "yes");
    }

    @Test
    void classesOfOneThatThrowsWhenStoppedAreClosed() throws Exception {
        LoadedPlugin plugin = load(new JarMaker(folder, "any")
                .entry("some-entry", "x")
                .extension("Fine", "SessionUpHook", UP)
                .type(
                        "Main",
                        "public class Main extends org.pf4j.Plugin",
                        "public void stop() { throw new IllegalStateException(\"stop\"); }")
                .manifest("Plugin-Class", "chaos.Main"));
        URLClassLoader classes = (URLClassLoader) plugin.manager().getPluginClassLoader("any");
        assertThat(classes.findResource("some-entry")).isNotNull();
        runner.stop(plugin);
        assertThat(classes.findResource("some-entry")).isNull();
    }

    @Test
    void gaugeThatBlocksCostsItsPluginsFigures() throws Exception {
        LoadedPlugin plugin = load(new JarMaker(folder, "any")
                .extension(
                        "Gauge",
                        "PluginLifecycle, SessionUpHook",
                        "public void start(PluginContext c) { c.metrics().gauge(\"blocks\", \"\", () -> {"
                                + " while (System.getProperty(\"chaos.end\") == null) { try { Thread.sleep(5); }"
                                + " catch (InterruptedException deaf) {} } return 3; }); }" + UP));
        runner.start(plugin, noSettings());
        assertThat(runner.figures(plugin)).isEmpty();
        System.setProperty("chaos.end", "yes");
        assertThat(runner.figures(plugin)).extracting(PluginFigure::toString).contains("any blocks 3");
        runner.stop(plugin);
    }
}
