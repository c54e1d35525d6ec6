// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.plugins;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.WeakReference;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tunneldigger.api.event.Datapath;
import org.tunneldigger.api.event.SessionInfo;
import org.tunneldigger.api.event.SessionProfile;
import org.tunneldigger.api.event.SessionRequest;
import org.tunneldigger.hooks.HookDispatcher;
import org.tunneldigger.hooks.HookKind;
import org.tunneldigger.hooks.HookLane;
import org.tunneldigger.hooks.HookLimits;
import org.tunneldigger.hooks.Outcome;
import org.tunneldigger.hooks.RegisteredPlugin;
import org.tunneldigger.hooks.Verdict;
import org.tunneldigger.network.NetlinkNetwork;

/** Real jars that come, change and go in the folder of a running host. */
@Tag("long")
class PluginReloadTest {
    private static final InetSocketAddress CLIENT = new InetSocketAddress("192.0.2.7", 4000);
    private static final InetSocketAddress BROKER = new InetSocketAddress("192.0.2.1", 8942);

    @TempDir
    private Path dropIn = Path.of("set by JUnit");

    @TempDir
    private Path workshop = Path.of("set by JUnit");

    private final HookDispatcher hooks = new HookDispatcher(List.of(), HookLimits.defaults());
    private final List<String> arrivals = new CopyOnWriteArrayList<>();
    private final NetlinkNetwork network = new NetlinkNetwork();

    @AfterEach
    void close() {
        hooks.close();
        network.close();
        for (String name : List.copyOf(System.getProperties().stringPropertyNames())) {
            if (name.startsWith("chaos.")) {
                System.clearProperty(name);
            }
        }
    }

    private PluginHost host(String... enabled) {
        PluginHost host = PluginHost.load(
                new PluginSettings(Optional.empty(), Optional.of(dropIn), List.of(enabled), Map.of()), network);
        host.watch(new PluginChanges() {
            @Override
            public void set(List<RegisteredPlugin> plugins, Optional<RegisteredPlugin> arrived) {
                hooks.setPlugins(plugins);
                arrived.ifPresent(plugin -> arrivals.add(plugin.id()));
            }

            @Override
            public void awaitIdle(RegisteredPlugin gone) throws InterruptedException {
                assertThat(hooks.awaitIdle(gone, Duration.ofSeconds(5))).isTrue();
            }
        });
        return host;
    }

    /** A plugin that says in a property which version of it runs, and whether it was closed. */
    private Path plugin(String id, String version, String start) throws Exception {
        Path folder = Files.createDirectories(workshop.resolve(id + version));
        // Lets a class of the old jar be loaded when another file stands in its place already.
        String padding = IntStream.range(0, 1000 * Integer.parseInt(version))
                .mapToObj(Integer::toString)
                .collect(Collectors.joining());
        return new JarMaker(folder, id)
                .entry("padding", padding)
                .type("Late" + id, "class Late" + id, "static String version() { return \"" + version + "\"; }")
                .extension(
                        "Told" + id,
                        "PluginLifecycle, SessionUpHook",
                        "public void start(PluginContext c) { System.setProperty(\"chaos.start." + id + "\", \""
                                + version
                                + "\"); " + start + " }"
                                + "public void onSessionUp(SessionUp event) {}"
                                + "public void close() { System.setProperty(\"chaos.closed." + id + "\", Late" + id
                                + ".version()); }")
                .write();
    }

    private static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long endNanos = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - endNanos).as(what).isNegative();
            Thread.sleep(10);
        }
    }

    private static List<String> ids(PluginHost host) {
        return host.plugins().stream().map(RegisteredPlugin::id).toList();
    }

    @Test
    void jarsAreLoadedReplacedInPlaceAndUnloadedWhileTheHostRuns() throws Exception {
        Path file = dropIn.resolve("any-name.jar");
        try (PluginHost host = host("second", "first")) {
            Files.copy(plugin("first", "1", ""), file);
            await("it is loaded", () -> ids(host).equals(List.of("first")));
            assertThat(System.getProperty("chaos.start.first")).isEqualTo("1");
            Files.copy(plugin("second", "1", ""), dropIn.resolve("b.jar"));
            await("in configured order", () -> ids(host).equals(List.of("second", "first")));

            // Overwritten as cp does it, below the feet of the loaded classes.
            Files.write(file, Files.readAllBytes(plugin("first", "2", "")));
            await("it is reloaded", () -> "2".equals(System.getProperty("chaos.start.first")));
            await("both stand", () -> ids(host).equals(List.of("second", "first")));
            assertThat(System.getProperty("chaos.closed.first")).isEqualTo("1");

            Files.delete(file);
            await("it is unloaded", () -> ids(host).equals(List.of("second")));
            await("it was closed", () -> "2".equals(System.getProperty("chaos.closed.first")));
            assertThat(host.failures()).isEmpty();
        }
        assertThat(arrivals).containsExactly("first", "second", "first");
    }

    @Test
    void brokenReplacementLeavesTheOldOneRunningUntilItIsMended() throws Exception {
        Path file = dropIn.resolve("first.jar");
        Files.copy(plugin("first", "1", ""), file);
        try (PluginHost host = host()) {
            byte[] whole = Files.readAllBytes(plugin("first", "2", ""));
            Files.write(file, Arrays.copyOf(whole, whole.length / 2));
            await("it is complained about", () -> host.failures().size() == 1);
            assertThat(ids(host)).containsExactly("first");
            assertThat(System.getProperty("chaos.closed.first")).isNull();

            Files.write(file, whole);
            await("the whole one is loaded", () -> "2".equals(System.getProperty("chaos.start.first")));
            await("nothing is wrong any more", () -> host.failures().isEmpty());
        }
    }

    @Test
    void replacementThatDoesNotStartGivesWayToTheOldOne() throws Exception {
        Path file = dropIn.resolve("first.jar");
        Files.copy(plugin("first", "1", ""), file);
        try (PluginHost host = host()) {
            Files.copy(
                    plugin("first", "2", "throw new LinkageError(\"no\");"), file, StandardCopyOption.REPLACE_EXISTING);
            await("it is complained about", () -> host.failures().size() == 1);
            await("the old one is back", () -> "1".equals(System.getProperty("chaos.start.first")));
            await("the old one runs", () -> ids(host).equals(List.of("first")));
        }
    }

    @Test
    void zipBringsItsOwnLibraries() throws Exception {
        new JarMaker(dropIn, "zipped")
                .extension(
                        "Zipped",
                        "PluginLifecycle, SessionUpHook",
                        "public void start(PluginContext c) throws Exception {"
                                + " try (var in = getClass().getClassLoader().getResourceAsStream(\"library.txt\")) {"
                                + " System.setProperty(\"chaos.zip\", new String(in.readAllBytes())); } }"
                                + "public void onSessionUp(SessionUp event) {}")
                .writeZip("zipped.zip");
        try (PluginHost host = host()) {
            assertThat(host.failures()).isEmpty();
            assertThat(ids(host)).containsExactly("zipped");
            assertThat(System.getProperty("chaos.zip")).isEqualTo("from the library");
        }
    }

    @Test
    void secondFileOfOneIdWaitsForTheFirstToGo() throws Exception {
        Files.copy(plugin("first", "1", ""), dropIn.resolve("a.jar"));
        try (PluginHost host = host()) {
            Files.copy(plugin("first", "2", ""), dropIn.resolve("b.jar"));
            await("it is complained about", () -> host.failures().size() == 1);
            assertThat(System.getProperty("chaos.start.first")).isEqualTo("1");
            Files.delete(dropIn.resolve("a.jar"));
            await("its turn", () -> "2".equals(System.getProperty("chaos.start.first")));
        }
    }

    @Test
    void fileWithAnotherPluginInsideTakesTheFormerOneAway() throws Exception {
        Path file = dropIn.resolve("a.jar");
        Files.copy(plugin("first", "1", ""), file);
        try (PluginHost host = host()) {
            Files.write(file, Files.readAllBytes(plugin("second", "1", "")));
            await("it is exchanged", () -> ids(host).equals(List.of("second")));
            assertThat(System.getProperty("chaos.closed.first")).isEqualTo("1");
        }
    }

    /** A plugin that denies everybody, with its version as the reason. */
    private Path gate(String version, String start) throws Exception {
        Path folder = Files.createDirectories(workshop.resolve("gate" + version));
        return new JarMaker(folder, "gate")
                .entry("padding", version)
                .extension(
                        "Gate",
                        "PluginLifecycle, SessionAuthorizeHook",
                        "public void start(PluginContext c) throws Exception { " + start + " }"
                                + "public AccessDecision authorize(SessionRequest request) {"
                                + " return AccessDecision.deny(\"" + version + "\"); }")
                .write();
    }

    private Verdict ask(boolean failOpen) throws Exception {
        assertThat(hooks.decides()).as("somebody decides").isTrue();
        CompletableFuture<Verdict> verdict = new CompletableFuture<>();
        SessionRequest request = new SessionRequest("u", CLIENT, BROKER, Set.of(), Datapath.TAP, Instant.EPOCH);
        hooks.decide(request, failOpen, verdict::complete);
        return verdict.get(20, TimeUnit.SECONDS);
    }

    private void assertDeniedBecause(String reason) throws Exception {
        assertThat(ask(false))
                .isInstanceOfSatisfying(
                        Verdict.Denied.class,
                        denied -> assertThat(denied.reason()).contains(reason));
    }

    @Test
    void whileOneThatDecidesIsReloadedNobodySlipsIn() throws Exception {
        String waiting = "System.setProperty(\"chaos.begun\", \"yes\");"
                + " while (System.getProperty(\"chaos.go\") == null) { Thread.sleep(5); }";
        Path file = dropIn.resolve("gate.jar");
        Files.copy(gate("1", ""), file);
        try (PluginHost host = host()) {
            hooks.setPlugins(host.plugins());
            assertDeniedBecause("1");
            Files.copy(gate("22", waiting), file, StandardCopyOption.REPLACE_EXISTING);
            await("it starts", () -> System.getProperty("chaos.begun") != null);
            assertDeniedBecause("did not answer");
            assertThat(ask(true)).as("authorize_failure = allow").isInstanceOf(Verdict.Allowed.class);
            System.setProperty("chaos.go", "yes");
            await("it is in", () -> arrivals.equals(List.of("gate")));
            assertDeniedBecause("22");

            Files.delete(file);
            await("none is left", () -> !hooks.decides());
        }
    }

    @Test
    void noStandInStaysWhenNeitherTheNewNorTheOldOneStarts() throws Exception {
        Path file = dropIn.resolve("gate.jar");
        Files.copy(gate("1", "if (System.getProperty(\"chaos.no\") != null) throw new LinkageError();"), file);
        try (PluginHost host = host()) {
            hooks.setPlugins(host.plugins());
            System.setProperty("chaos.no", "yes");
            Files.copy(gate("22", "throw new LinkageError();"), file, StandardCopyOption.REPLACE_EXISTING);
            await("none is left", () -> !hooks.decides());
            assertThat(host.failures()).hasSize(1);
        }
    }

    @Test
    void classesOfAnUnloadedPluginAreGivenBackThoughItsSessionsLiveOn() throws Exception {
        Path file = dropIn.resolve("first.jar");
        Files.copy(plugin("first", "1", ""), file);
        try (PluginHost host = host()) {
            hooks.setPlugins(host.plugins());
            WeakReference<ClassLoader> classes = new WeakReference<>(
                    host.plugins().get(0).hooks().get(0).getClass().getClassLoader());
            HookLane lane = hooks.openLane(new SessionInfo(
                    1,
                    1,
                    "l2tp1-1",
                    CLIENT,
                    BROKER,
                    "u",
                    Datapath.TAP,
                    Set.of(),
                    SessionProfile.none(),
                    Instant.EPOCH));
            CountDownLatch told = new CountDownLatch(1);
            lane.up(1446, told::countDown);
            assertThat(told.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(hooks.snapshot().count("first", HookKind.SESSION_UP, Outcome.OK))
                    .isEqualTo(1);
            Files.delete(file);
            await("it is unloaded", () -> ids(host).isEmpty());
            await("its classes are gone", () -> {
                System.gc();
                return classes.refersTo(null);
            });
            lane.mtuChanged(1446, 1400); // the lane is in use until here
        }
    }
}
