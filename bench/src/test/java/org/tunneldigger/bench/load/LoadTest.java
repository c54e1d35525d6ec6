// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tunneldigger.broker.BrokerCounters;
import org.tunneldigger.datapath.DropReason;

/** Each mode against a real broker with TAP devices, in a namespace, shortly; how fast it is, is not asked. */
@Timeout(60)
class LoadTest {
    private static final int PORT = 8942;
    private static final int MAX_TUNNELS = 12;

    private static final TapBroker BROKER = TapBroker.start(PORT, MAX_TUNNELS);

    @AfterAll
    static void stopBroker() throws Exception {
        BROKER.close();
    }

    @Test
    void cookiesAtARateAreAnsweredAndToldWithTheirLatency() throws Exception {
        Map<String, Double> figures = load("cookies 127.0.0.1:8942 --rate 200 --seconds 2 --warm-up 0 --sockets 8");
        assertThat(figures).containsEntry("cookie-rate-asked", 200.0).containsKeys("cookie-latency-p99.9");
        assertThat(figure(figures, "cookie-replies") * 2
                        + figure(figures, "cookie-lost")
                        + figure(figures, "cookie-requests-behind"))
                .isEqualTo(400);
        assertThat(figure(figures, "cookie-latency-max")).isGreaterThanOrEqualTo(figure(figures, "cookie-latency-p50"));
    }

    @Test
    void cookiesWithoutARateAskAsFastAsTheyAreAnswered() throws Exception {
        long before = seen(BrokerCounters.Event.COOKIE_REPLIES);
        Map<String, Double> figures = load("cookies 127.0.0.1:8942 --seconds 1 --warm-up 0");
        assertThat(figure(figures, "cookie-replies")).isPositive();
        assertThat(seen(BrokerCounters.Event.COOKIE_REPLIES) - before)
                .isGreaterThanOrEqualTo((long) figure(figures, "cookie-replies"));
    }

    @Test
    void sessionsComeStayChangeAndLeave() throws Exception {
        long before = seen(BrokerCounters.Event.SESSIONS_OPENED);
        Map<String, Double> figures =
                load("sessions 127.0.0.1:8942 --count 6 --at-a-time 2 --hold 2 --churn 2 --teardown");
        assertThat(figures)
                .containsEntry("sessions-up", 6.0)
                .containsEntry("sessions-mtu-known", 6.0)
                .containsEntry("sessions-left", 6.0)
                .containsKeys("sessions-handshake-p99", "teardown-all-told", "teardown-interfaces-gone")
                .doesNotContainKeys("sessions-refused", "sessions-no-tunnel", "sessions-closed-by-broker");
        assertThat(figure(figures, "churn-up")).isBetween(2.0, 4.0);
        assertThat((double) (seen(BrokerCounters.Event.SESSIONS_OPENED) - before))
                .isGreaterThanOrEqualTo(6 + figure(figures, "churn-up"));
        awaitNoTunnels();
    }

    @Test
    void clientsThatTheBrokerRefusesAreCounted() throws Exception {
        Map<String, Double> figures = load("sessions 127.0.0.1:8942 --count 15 --teardown");
        assertThat(figures).containsEntry("sessions-up", (double) MAX_TUNNELS).containsEntry("sessions-refused", 3.0);
        awaitNoTunnels();
    }

    @Test
    void dataPacketsReachTheInterfaces(@TempDir Path folder) throws Exception {
        long before = dropped();
        Path json = folder.resolve("figures.json");
        Map<String, Double> figures =
                load("data 127.0.0.1:8942 --count 3 --rate 300 --size 60 --seconds 1 --teardown --json " + json);
        double sent = figure(figures, "data-packets-sent");
        assertThat(sent).isPositive().isEqualTo(figure(figures, "data-packets-due"));
        // the interfaces are down, for want of a hook: whatever arrived was for the right session, and dropped for that
        // alone
        assertThat((double) (dropped() - before)).isEqualTo(sent);
        assertThat(Files.readString(json)).contains("\"data-packets-sent\": {\"value\": " + (long) sent);
        awaitNoTunnels();
    }

    @Test
    void whereNobodyListensThatIsSaid() throws Exception {
        assertThat(load("sessions 127.0.0.1:8943 --count 2"))
                .containsEntry("sessions-up", 0.0)
                .containsEntry("sessions-nobody-listens", 2.0);
        var err = new ByteArrayOutputStream();
        BROKER.inNamespace(() -> assertThat(
                        run("cookies 127.0.0.1:8943 --seconds 1 --warm-up 0", new ByteArrayOutputStream(), err))
                .isEqualTo(1));
        assertThat(err.toString(StandardCharsets.UTF_8)).isEqualTo("load: nobody at 127.0.0.1:8943 answers\n");
    }

    private static Map<String, Double> load(String line) throws Exception {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        BROKER.inNamespace(() -> assertThat(run(line, out, err))
                .as(() -> err.toString(StandardCharsets.UTF_8))
                .isZero());
        Map<String, Double> figures = new HashMap<>();
        out.toString(StandardCharsets.UTF_8)
                .lines()
                .map(each -> each.split(" "))
                .forEach(words -> {
                    assertThat(words).as("name, value, unit").hasSize(3);
                    figures.put(words[0], Double.valueOf(words[1]));
                });
        return figures;
    }

    private static double figure(Map<String, Double> figures, String name) {
        return Objects.requireNonNull(figures.get(name), name);
    }

    private static int run(String line, ByteArrayOutputStream out, ByteArrayOutputStream err) {
        return Load.run(Arrays.asList(line.split(" ")), new PrintStream(out), new PrintStream(err));
    }

    private static long seen(BrokerCounters.Event event) throws Exception {
        return BROKER.inLoop(() -> BROKER.broker().counters().of(event));
    }

    private static long dropped() throws Exception {
        return BROKER.inLoop(() -> BROKER.datapath().drops().of(DropReason.INTERFACE_DOWN));
    }

    /** The next test counts on all places being free: an id rests for 200 ms. */
    private static void awaitNoTunnels() throws Exception {
        long opened = seen(BrokerCounters.Event.SESSIONS_OPENED);
        long endNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (seen(BrokerCounters.Event.SESSIONS_ENDED) < opened) {
            assertThat(System.nanoTime() - endNanos).as("sessions end").isNegative();
            Thread.sleep(5);
        }
        Thread.sleep(250);
    }
}
