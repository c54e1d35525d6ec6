// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.bridgepermtu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tunneldigger.api.event.SessionProfile;
import org.tunneldigger.api.event.SessionUp;
import org.tunneldigger.testing.KernelFixture;
import org.tunneldigger.testing.SampleSessions;

/** When bridges come and go, and which one a session gets. */
class BridgeLifeTest {
    private static final String RULE = "1000:\tfrom all iif ";

    private BridgeFixture fixture;
    private KernelFixture kernel;

    @BeforeEach
    void createNamespaces() throws Exception {
        fixture = new BridgeFixture();
        kernel = fixture.kernel;
    }

    @AfterEach
    void deleteNamespaces() throws Exception {
        fixture.close();
    }

    @Test
    void bridgesAreMadeAtStartWithEverything() throws Exception {
        fixture.start(Map.of(
                "precreate", "1446, 1280",
                "address", "10.254.0.2/16",
                "rule_table", "42",
                "stp", "yes",
                "multicast_snooping", "no"));
        for (int mtu : new int[] {1446, 1280}) {
            assertThat(kernel.broker("ip", "-d", "link", "show", "digger" + mtu))
                    .contains("mtu " + mtu, ",UP", "stp_state 1", "mcast_snooping 0");
            assertThat(kernel.broker("ip", "rule")).contains(RULE + "digger" + mtu);
            assertThat(kernel.broker("ip", "-6", "rule")).contains(RULE + "digger" + mtu);
        }
    }

    @Test
    void emptyBridgesStayAndCloseLeavesEverything() throws Exception {
        fixture.start(Map.of("address", "10.254.0.2/16", "rule_table", "42"));
        kernel.client("td-a", "10.254.1.1/16");
        kernel.client("td-b", "10.254.1.2/16");
        fixture.up("td-a", 1446);
        fixture.up("td-b", 1396);
        fixture.down("td-b", 1396);
        assertThat(fixture.exists("digger1396")).isTrue();
        fixture.stop();
        assertThat(kernel.port("td-a")).contains("master digger1446");
        assertThat(kernel.broker("ip", "rule")).contains(RULE + "digger1446", RULE + "digger1396");
        assertThat(fixture.routes("digger1446")).contains("10.254.0.0/16");
    }

    @Test
    void emptyBridgesGoWithTheirRulesWhereThatIsSaid() throws Exception {
        kernel.broker("ip", "link", "add", "digger1400", "type", "bridge"); // of an earlier run
        Map<String, String> section =
                Map.of("address", "10.254.0.2/16", "rule_table", "42", "remove_empty", "yes", "precreate", "1280");
        fixture.start(section);
        assertThat(fixture.exists("digger1400")).isFalse();
        kernel.client("td-a", "10.254.1.1/16");
        kernel.client("td-b", "10.254.1.2/16");
        fixture.up("td-a", 1446);
        fixture.up("td-b", 1446);
        fixture.move("td-a", 1446, 1396);
        assertThat(fixture.exists("digger1446")).isTrue();
        fixture.down("td-b", 1446);
        assertThat(fixture.exists("digger1446")).isFalse();
        fixture.move("td-a", 1396, 1280);
        assertThat(fixture.exists("digger1396")).isFalse();
        fixture.down("td-a", 1280);
        assertThat(fixture.exists("digger1280")).as("made at start").isTrue();
        assertThat(kernel.broker("ip", "rule")).containsOnlyOnce("iif").contains(RULE + "digger1280");
        assertThat(kernel.broker("ip", "-6", "rule")).containsOnlyOnce("iif");
    }

    @Test
    void aPortThatComesWhileTheBridgeGoesFindsItWhole() throws Exception {
        CountDownLatch removing = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        fixture.start(Map.of("address", "10.254.0.2/16", "rule_table", "42", "remove_empty", "yes"), verb -> {
            if (verb.equals("removeRule")) {
                removing.countDown();
                goOn.await(20, TimeUnit.SECONDS);
            }
        });
        kernel.client("td-a", "10.254.1.1/16");
        String client = kernel.client("td-b", "10.254.1.2/16");
        fixture.up("td-a", 1446);
        FutureTask<Void> leaving = started(() -> fixture.down("td-a", 1446));
        assertThat(removing.await(20, TimeUnit.SECONDS)).isTrue();
        FutureTask<Void> joining = new FutureTask<>(() -> {
            fixture.up("td-b", 1446);
            return null;
        });
        Thread thread = new Thread(joining);
        thread.start();
        // it waits for the other one; if it did not, it would go on to the end
        while (thread.getState() != Thread.State.WAITING && thread.isAlive()) {
            Thread.onSpinWait();
        }
        goOn.countDown();
        leaving.get(20, TimeUnit.SECONDS);
        joining.get(20, TimeUnit.SECONDS);
        assertThat(kernel.port("td-b")).contains("master digger1446", "isolated on");
        assertThat(kernel.broker("ip", "rule")).contains(RULE + "digger1446");
        assertThat(kernel.broker("ip", "-6", "rule")).contains(RULE + "digger1446");
        assertThat(kernel.reaches(client, "10.254.0.2")).isTrue();
    }

    private static FutureTask<Void> started(KernelFixture.Step step) {
        FutureTask<Void> task = new FutureTask<>(() -> {
            step.run();
            return null;
        });
        new Thread(task).start();
        return task;
    }

    @Test
    void noPortIsLostWhileBridgesComeAndGo() throws Exception {
        fixture.start(Map.of("address", "10.254.0.2/16", "rule_table", "42", "remove_empty", "yes"));
        int workers = 4;
        int rounds = 40;
        for (int i = 0; i < workers; i++) {
            kernel.broker("ip", "link", "add", "td-p" + i, "type", "veth", "peer", "td-q" + i);
        }
        ExecutorService pool = Executors.newFixedThreadPool(workers);
        try {
            List<Future<?>> calls = new ArrayList<>();
            for (int i = 0; i < workers; i++) {
                String port = "td-p" + i;
                int seed = i;
                calls.add(pool.submit(() -> kernel.inBroker(() -> wander(port, seed, rounds))));
            }
            for (Future<?> call : calls) {
                call.get(120, TimeUnit.SECONDS);
            }
        } finally {
            pool.shutdownNow();
        }
        for (int i = 0; i < workers; i++) {
            assertThat(kernel.port("td-p" + i)).contains("master digger1446").contains("isolated on");
        }
        assertThat(fixture.exists("digger1396")).isFalse();
        assertThat(kernel.broker("ip", "rule")).containsOnlyOnce("iif").contains("digger1446");
        assertThat(fixture.routes("digger1446")).containsOnlyOnce("10.254.0.0/16");
    }

    /** Between two bridges, always in the one that was said last. */
    private void wander(String port, int seed, int rounds) throws Exception {
        fixture.plugin().onSessionUp(SampleSessions.up(port, 1446));
        for (int i = 0; i < rounds; i++) {
            int from = i % 2 == 0 ? 1446 : 1396;
            int to = 1446 + 1396 - from;
            fixture.plugin().onMtuChanged(SampleSessions.mtuChanged(port, from, to));
            assertThat(kernel.network().bridgeOf(port)).as(seed + "/" + i).contains("digger" + to);
        }
    }

    @Test
    void aProfileNamesTheBridgeForItsSession() throws Exception {
        fixture.start(Map.of("address", "10.254.0.2/16", "rule_table", "42", "remove_empty", "yes"));
        kernel.broker("ip", "link", "add", "br-there", "type", "bridge");
        String client = kernel.client("td-a", "10.254.1.1/16");
        up("td-a", "br-guest");
        assertThat(kernel.port("td-a")).contains("master br-guest", "isolated on", "mtu 1446");
        assertThat(kernel.reaches(client, "10.254.0.2")).isTrue();
        assertThat(kernel.broker("ip", "rule")).contains(RULE + "br-guest");
        up("td-a", "br-there");
        assertThat(fixture.exists("br-guest")).as("made here").isFalse();
        // a bridge that was there keeps its own hardware address
        KernelFixture.in(client, "ip", "neigh", "flush", "dev", "eth0");
        assertThat(kernel.reaches(client, "10.254.0.2")).isTrue();
        fixture.down("td-a", 1446);
        assertThat(fixture.exists("br-there")).as("made by somebody else").isTrue();
        assertThat(fixture.routes("br-there")).doesNotContain("10.254.0.0/16");
    }

    private void up(String port, String bridge) throws Exception {
        SessionProfile profile = SessionProfile.none().withBridge(bridge);
        InetSocketAddress remote = new InetSocketAddress("192.0.2.7", 40001);
        kernel.inBroker(() -> fixture.plugin()
                .onSessionUp(
                        new SessionUp(SampleSessions.session(port, remote, "uuid", profile), 1446, Instant.EPOCH)));
    }

    @Test
    void oneBridgeForAllHasTheMtuOfItsSmallestPort() throws Exception {
        fixture.start(Map.of("bridge", "br-mesh", "address", "10.254.0.2/16", "rule_table", "42"));
        assertThat(fixture.routes("br-mesh")).contains("10.254.0.0/16 proto kernel scope link src 10.254.0.2");
        String a = kernel.client("td-a", "10.254.1.1/16");
        String b = kernel.client("td-b", "10.254.1.2/16");
        fixture.up("td-a", 1446);
        assertThat(kernel.broker("ip", "link", "show", "br-mesh")).contains("mtu 1446");
        fixture.up("td-b", 1396);
        assertThat(kernel.broker("ip", "link", "show", "br-mesh")).contains("mtu 1396");
        assertThat(kernel.port("td-a")).contains("master br-mesh", "isolated on", "mtu 1446");
        assertThat(kernel.reaches(a, "10.254.0.2")).isTrue();
        assertThat(kernel.reaches(b, "10.254.0.2")).isTrue();
        assertThat(kernel.cannotReach(a, "10.254.1.2")).isTrue();
        fixture.move("td-b", 1396, 1420);
        assertThat(kernel.broker("ip", "link", "show", "br-mesh")).contains("mtu 1420");
        fixture.down("td-b", 1420);
        assertThat(kernel.broker("ip", "link", "show", "br-mesh")).contains("mtu 1446");
    }

    @Test
    void anotherMasterMustNotBeABridge() throws Exception {
        fixture.start(Map.of("master", "bat0"));
        assertThat(fixture.context().logger().lines())
                .containsExactly("WARN there is no interface bat0 yet: tunnels stay down until there is");
        kernel.client("td-a", "10.254.1.1/16");
        assertThatThrownBy(() -> fixture.up("td-a", 1446))
                .hasMessageStartingWith("put td-a under bat0: find the interface bat0: ENODEV");
        kernel.broker("ip", "link", "add", "bat0", "type", "bridge");
        assertThatThrownBy(() -> fixture.up("td-a", 1446))
                .hasMessageStartingWith("put td-a under bat0: the interface bat0 is a bridge: EINVAL");
        assertThat(kernel.broker("ip", "link", "show", "td-a")).contains("state DOWN");
        assertThatThrownBy(() -> fixture.start(Map.of("master", "bat0")))
                .hasMessage("master = bat0 is a bridge: name it by bridge = bat0");
    }
}
