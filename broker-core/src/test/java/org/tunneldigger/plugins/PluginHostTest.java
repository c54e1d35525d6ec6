// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.plugins;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tunneldigger.api.PluginConfiguration;
import org.tunneldigger.api.event.ClientFeature;
import org.tunneldigger.api.event.Datapath;
import org.tunneldigger.api.event.EndReason;
import org.tunneldigger.api.event.SessionInfo;
import org.tunneldigger.api.event.SessionProfile;
import org.tunneldigger.api.event.SessionUp;
import org.tunneldigger.api.hook.Hook;
import org.tunneldigger.api.hook.SessionUpHook;
import org.tunneldigger.hooks.HookDispatcher;
import org.tunneldigger.hooks.HookKind;
import org.tunneldigger.hooks.HookLane;
import org.tunneldigger.hooks.HookLimits;
import org.tunneldigger.hooks.HookSnapshot;
import org.tunneldigger.hooks.Outcome;
import org.tunneldigger.hooks.RegisteredPlugin;
import org.tunneldigger.log.LogCapture;
import org.tunneldigger.network.NetlinkNetwork;

/** Real jars in real class loaders: good ones, and one for every way to go wrong. */
class PluginHostTest {
    private static final String GOOD_UP = "public void onSessionUp(SessionUp event) {"
            + " System.setProperty(\"chaos.\" + getClass().getSimpleName(), event.session().uuid()); }";
    private static final SessionInfo SESSION = new SessionInfo(
            100,
            100,
            "l2tp100-100",
            new InetSocketAddress("192.0.2.7", 4000),
            new InetSocketAddress("192.0.2.1", 8942),
            "the uuid",
            Datapath.TAP,
            Set.of(ClientFeature.UNIQUE_SESSION_ID),
            SessionProfile.none(),
            Instant.EPOCH);

    @TempDir
    private Path dropIn = Path.of("set by JUnit");

    @TempDir
    private Path builtIn = Path.of("set by JUnit");

    private final LogCapture log = new LogCapture();

    @AfterEach
    void stopCapture() {
        log.close();
    }

    private PluginHost load(String... enabled) {
        return PluginHost.load(
                new PluginSettings(
                        Optional.of(builtIn),
                        Optional.of(dropIn),
                        List.of(enabled),
                        Map.of("good", PluginConfiguration.of("plugin.good", Map.of("key", "value")))),
                new NetlinkNetwork());
    }

    private static JarMaker good(Path folder, String id, String type) throws Exception {
        return new JarMaker(folder, id).extension(type, "SessionUpHook", GOOD_UP);
    }

    private static List<String> ids(PluginHost host) {
        return host.plugins().stream().map(RegisteredPlugin::id).toList();
    }

    @Test
    void hooksOfAPluginAreCalledAndItGetsItsContext() throws Exception {
        new JarMaker(dropIn, "good")
                .extension(
                        "Both",
                        "PluginLifecycle, SessionUpHook, SessionDownHook",
                        "private PluginContext context; public void start(PluginContext c) { context = c; }"
                                + "public void onSessionUp(SessionUp event) { System.setProperty(\"chaos.Both\","
                                + " context.id() + context.configuration().values()); }"
                                + "public void onSessionDown(SessionDown event) {}"
                                + "public void close() { System.setProperty(\"chaos.Both\", \"closed\"); }")
                .write();
        try (PluginHost host = load()) {
            assertThat(host.failures()).isEmpty();
            List<Hook> hooks = host.plugins().get(0).hooks();
            assertThat(hooks).hasSize(1); // one class, one object
            ((SessionUpHook) hooks.get(0)).onSessionUp(new SessionUp(SESSION, 1446, Instant.EPOCH));
            assertThat(System.getProperty("chaos.Both")).isEqualTo("good{key=value}");
        }
        assertThat(System.getProperty("chaos.Both")).isEqualTo("closed");
        assertThat(log.complaints()).containsExactly("WARNING [plugin.good] key: this plugin reads no configuration");
    }

    @Test
    void enabledOnesComeInOrderThenTheOtherDropInsByFileNameAndBuiltInsOnlyIfEnabled() throws Exception {
        good(dropIn, "z", "Z").write("1.jar");
        good(dropIn, "y", "Y").write("2.jar");
        good(dropIn, "x", "X").write("3.jar");
        good(builtIn, "b", "B").write();
        new JarMaker(builtIn, "unused")
                .extension("Unused", "SessionUpHook", GOOD_UP)
                .write();
        try (PluginHost host = load("x", "b")) {
            assertThat(ids(host)).containsExactly("x", "b", "z", "y");
        }
        assertThat(log.complaints()).isEmpty();
    }

    @Test
    void dropInReplacesTheBuiltInOfTheSameId() throws Exception {
        good(dropIn, "same", "Dropped").write();
        good(builtIn, "same", "Built").write();
        try (PluginHost host = load("same")) {
            assertThat(host.plugins().get(0).hooks().get(0).getClass().getName())
                    .isEqualTo("chaos.Dropped");
        }
    }

    @Test
    void whateverGoesWrongCostsOnePluginAndOneLine() throws Exception {
        good(dropIn, "a-good", "First").write();
        new JarMaker(dropIn, "constructor")
                .extension(
                        "Ctor",
                        "SessionUpHook",
                        "public Ctor() { throw new IllegalStateException(\"ctor\"); }" + GOOD_UP)
                .write();
        new JarMaker(dropIn, "initializer")
                .extension(
                        "Init", "SessionUpHook", "static { if (true) throw new AssertionError(\"init\"); }" + GOOD_UP)
                .write();
        new JarMaker(dropIn, "start")
                .extension(
                        "Start",
                        "PluginLifecycle, SessionUpHook",
                        "public void start(PluginContext c) { throw new StackOverflowError(\"start\\nline\"); }"
                                + GOOD_UP)
                .write();
        new JarMaker(dropIn, "linkage")
                .type("Gone", "class Gone", "")
                .extension(
                        "Linkage",
                        "PluginLifecycle, SessionUpHook",
                        "public void start(PluginContext c) { new Gone(); }" + GOOD_UP)
                .without("Gone")
                .write();
        new JarMaker(dropIn, "pf4j-start")
                .extension("Fine", "SessionUpHook", GOOD_UP)
                .type(
                        "Main",
                        "public class Main extends org.pf4j.Plugin",
                        "public void start() { throw new IllegalStateException(\"pf4j start\"); }")
                .manifest("Plugin-Class", "chaos.Main")
                .write();
        new JarMaker(dropIn, "pf4j-missing")
                .extension("Fine", "SessionUpHook", GOOD_UP)
                .manifest("Plugin-Class", "chaos.Nowhere")
                .write();
        new JarMaker(dropIn, "dependency")
                .extension("Dep", "SessionUpHook", GOOD_UP)
                .manifest("Plugin-Dependencies", "nowhere")
                .write();
        new JarMaker(dropIn, "private-class")
                .extension("Hidden", "SessionUpHook", "private Hidden() {}" + GOOD_UP)
                .write();
        new JarMaker(dropIn, "no-index")
                .type("Lonely", "public class Lonely", "")
                .write();
        new JarMaker(dropIn, "missing-class")
                .entry("META-INF/extensions.idx", "chaos.NotThere\n")
                .write();
        new JarMaker(dropIn, "future")
                .extension("Future", "SessionUpHook", GOOD_UP)
                .manifest("Plugin-Requires", ">=99.0.0")
                .write();
        Files.writeString(dropIn.resolve("broken.jar"), "this is no zip");
        new JarMaker(dropIn, " ").write("no-id.jar");
        good(dropIn, "z-good", "Last").write();
        try (PluginHost host = load("not-there")) {
            assertThat(ids(host)).containsExactly("a-good", "z-good");
            assertThat(host.failures().stream().map(PluginFailure::plugin).map(PluginHostTest::fileName))
                    .containsExactlyInAnyOrder(
                            "constructor",
                            "initializer",
                            "start",
                            "linkage",
                            "pf4j-start",
                            "pf4j-missing",
                            "dependency",
                            "private-class",
                            "no-index",
                            "missing-class",
                            "future.jar",
                            "broken.jar",
                            "no-id.jar",
                            "not-there");
            assertThat(host.failures())
                    .allSatisfy(
                            failure -> assertThat(failure.reason()).isNotBlank().doesNotContain("\n"));
            assertThat(log.complaints())
                    .as("one line each, without stack trace")
                    .hasSameSizeAs(host.failures());
        }
    }

    private static String fileName(String plugin) {
        return plugin.substring(plugin.lastIndexOf('/') + 1);
    }

    @Test
    void jarThatBundlesTheApiIsRefusedWithAHint() throws Exception {
        good(dropIn, "fat", "Fat")
                .entry("org/tunneldigger/api/PluginContext.class", "x")
                .write();
        try (PluginHost host = load()) {
            assertThat(ids(host)).isEmpty();
            assertThat(host.failures().get(0).reason()).contains("org.tunneldigger.api", "scope 'provided'");
        }
    }

    @Test
    void pluginsSeeTheApiButNotTheBroker() throws Exception {
        new JarMaker(dropIn, "curious")
                .extension(
                        "Curious",
                        "PluginLifecycle, SessionUpHook",
                        "public void start(PluginContext c) throws Exception {"
                                + " Class.forName(\"org.slf4j.Logger\"); Class.forName(\"javax.net.ssl.SSLContext\");"
                                + " try { Class.forName(\"org.tunneldigger.hooks.HookDispatcher\"); }"
                                + " catch (ClassNotFoundException e) { return; }"
                                + " throw new IllegalStateException(\"sees the broker\"); }" + GOOD_UP)
                .write();
        try (PluginHost host = load()) {
            assertThat(host.failures()).isEmpty();
        }
    }

    @Test
    void oneThatThrowsOnStopLeavesNoneOfTheOthersRunning() throws Exception {
        String close =
                "public void close() { System.setProperty(\"chaos.stopped.\" + getClass().getSimpleName(), \"yes\");";
        for (String id : List.of("a", "b", "c")) {
            String end = id.equals("b") ? " throw new LinkageError(\"stop\"); }" : " }";
            new JarMaker(dropIn, id)
                    .extension("Stop" + id, "PluginLifecycle, SessionUpHook", close + end + GOOD_UP)
                    .type(
                            "Main",
                            "public class Main extends org.pf4j.Plugin",
                            "public void stop() { throw new IllegalStateException(\"pf4j stop\"); }")
                    .manifest("Plugin-Class", "chaos.Main")
                    .write();
        }
        load().close();
        for (String id : List.of("a", "b", "c")) {
            assertThat(System.clearProperty("chaos.stopped.Stop" + id)).as(id).isEqualTo("yes");
        }
    }

    @Test
    void hooksThatThrowOrHangFromAJarLeaveTheOthersAlone() throws Exception {
        String up = "public void onSessionUp(SessionUp event) ";
        new JarMaker(dropIn, "hangs")
                .extension(
                        "Hangs",
                        "SessionUpHook",
                        up + "{ long end = System.nanoTime() + 4000000000L; while (System.nanoTime() < end) {"
                                + " try { Thread.sleep(20); } catch (InterruptedException ignored) {} } }")
                .write();
        new JarMaker(dropIn, "links")
                .type("Gone", "class Gone", "")
                .extension("Links", "SessionUpHook", up + "{ new Gone(); }")
                .without("Gone")
                .write();
        new JarMaker(dropIn, "recurses")
                .extension("Recurses", "SessionUpHook", up + "{ onSessionUp(event); }")
                .write();
        good(dropIn, "z-good", "Good").write();
        HookLimits limits =
                HookLimits.defaults().withDeadline(Duration.ofSeconds(1)).withGrace(Duration.ofMillis(200));
        try (PluginHost host = load();
                HookDispatcher hooks = new HookDispatcher(host.plugins(), limits)) {
            HookLane lane = hooks.openLane(SESSION);
            CountDownLatch down = new CountDownLatch(1);
            lane.up(1446, () -> {});
            lane.down(1446, EndReason.TIMEOUT, down::countDown);
            assertThat(down.await(20, TimeUnit.SECONDS)).isTrue();
            HookSnapshot counts = hooks.snapshot();
            assertThat(counts.count("hangs", HookKind.SESSION_UP, Outcome.TIMED_OUT))
                    .isEqualTo(1);
            assertThat(counts.count("links", HookKind.SESSION_UP, Outcome.FAILED))
                    .isEqualTo(1);
            assertThat(counts.count("recurses", HookKind.SESSION_UP, Outcome.FAILED))
                    .isEqualTo(1);
            assertThat(counts.count("z-good", HookKind.SESSION_UP, Outcome.OK)).isEqualTo(1);
        }
        assertThat(System.clearProperty("chaos.Good")).isEqualTo("the uuid");
    }

    @Test
    void missingDirectoryIsOneFailure() {
        try (PluginHost host = PluginHost.load(
                new PluginSettings(Optional.empty(), Optional.of(dropIn.resolve("nowhere")), List.of(), Map.of()),
                new NetlinkNetwork())) {
            assertThat(host.failures()).hasSize(1);
        }
    }

    @Test
    void builtInsAreFoundBesideTheInstalledJarAndInACheckout() throws Exception {
        Path jars = Files.createDirectories(dropIn.resolve("plugins/target/jars"));
        Path broker = Files.createDirectories(dropIn.resolve("broker-core/target"));
        assertThat(PluginSettings.nearCode(broker.resolve("broker-core.jar"))).contains(jars);
        assertThat(PluginSettings.nearCode(broker.resolve("classes"))).contains(jars);
        Path installed = Files.createDirectories(builtIn.resolve("plugins"));
        assertThat(PluginSettings.nearCode(builtIn.resolve("broker.jar"))).contains(installed);
    }
}
