// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.bridgepermtu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tunneldigger.testing.KernelFixture;
import org.tunneldigger.testing.SampleSessions;

/** The plugin against the kernel: veth pairs stand for tunnels, their other ends for the clients. */
class BridgePerMtuTest {
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
    void twoSessionsAtOnceMakeOneBridge() throws Exception {
        fixture.start(Map.of("address", "10.254.0.2/16, fd00::2/64", "rule_table", "42", "rule_priority", "900"));
        List<String> ports = List.of("td-a", "td-b");
        for (String port : ports) {
            kernel.client(port, "10.254.1.1/16");
        }
        ExecutorService workers = Executors.newFixedThreadPool(2);
        CountDownLatch start = new CountDownLatch(2);
        try {
            List<Future<?>> calls = new ArrayList<>();
            for (String port : ports) {
                calls.add(workers.submit(() -> kernel.inBroker(() -> {
                    start.countDown();
                    start.await();
                    fixture.plugin().onSessionUp(SampleSessions.up(port, 1446));
                })));
            }
            for (Future<?> call : calls) {
                call.get(20, TimeUnit.SECONDS);
            }
        } finally {
            workers.shutdownNow();
        }
        for (String port : ports) {
            assertThat(kernel.port(port))
                    .contains("master digger1446")
                    .contains("isolated on")
                    .contains("mtu 1446");
        }
        assertThat(kernel.broker("ip", "link", "show", "digger1446"))
                .contains("mtu 1446")
                .contains(",UP");
        assertThat(kernel.broker("ip", "address", "show", "digger1446"))
                .containsOnlyOnce("10.254.0.2/16")
                .containsOnlyOnce("fd00::2/64");
        assertThat(kernel.broker("ip", "rule")).containsOnlyOnce("900:\tfrom all iif digger1446 lookup 42");
        assertThat(kernel.broker("ip", "-6", "rule")).containsOnlyOnce("900:\tfrom all iif digger1446 lookup 42");
        assertThat(fixture.context().logger().lines()).containsOnlyOnce("INFO bridge digger1446 is ready");
    }

    @Test
    void noTunnelJoinsABridgeThatIsNotComplete() throws Exception {
        List<String> calls = new CopyOnWriteArrayList<>();
        CountDownLatch addressing = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        fixture.start(Map.of("address", "10.254.0.2/16"), call -> {
            if (call.equals("ensureRoutelessAddress")) {
                addressing.countDown();
                goOn.await(20, TimeUnit.SECONDS);
            }
            calls.add(call);
        });
        kernel.client("td-a", "10.254.1.1/16");
        kernel.client("td-b", "10.254.1.2/16");
        FutureTask<Void> first = new FutureTask<>(() -> upInBroker("td-a"));
        new Thread(first).start();
        assertThat(addressing.await(20, TimeUnit.SECONDS)).isTrue();
        FutureTask<Void> second = new FutureTask<>(() -> upInBroker("td-b"));
        Thread thread = new Thread(second);
        thread.start();
        // the second one waits for the first; if it did not, it would wait where the first does, or go on to the end
        while (thread.getState() != Thread.State.BLOCKED
                && thread.getState() != Thread.State.WAITING
                && thread.isAlive()) {
            Thread.onSpinWait();
        }
        goOn.countDown();
        first.get(20, TimeUnit.SECONDS);
        second.get(20, TimeUnit.SECONDS);
        assertThat(calls)
                .startsWith(
                        "bridges",
                        "ensureBridge",
                        "ensureRoutelessAddress",
                        "attachPort",
                        "ensureConnectedRoute",
                        "attachPort");
    }

    @Test
    void tunnelsReachTheBrokerAndAnUplinkButNotEachOther() throws Exception {
        fixture.start(Map.of("address", "10.254.0.2/16"));
        String a = kernel.client("td-a", "10.254.1.1/16");
        String b = kernel.client("td-b", "10.254.1.2/16");
        kernel.client("td-c", "10.254.1.3/16");
        fixture.up("td-a", 1446);
        fixture.up("td-b", 1446);
        kernel.broker("ip", "link", "set", "td-c", "up", "master", "digger1446");

        assertThat(kernel.reaches(a, "10.254.0.2")).isTrue();
        assertThat(kernel.reaches(b, "10.254.0.2")).isTrue();
        assertThat(kernel.reaches(a, "10.254.1.3")).isTrue();
        assertThat(kernel.reaches(b, "10.254.1.3")).isTrue();
        assertThat(kernel.cannotReach(a, "10.254.1.2")).isTrue();
        assertThat(kernel.cannotReach(b, "10.254.1.1")).isTrue();
    }

    @Test
    void withoutIsolationTunnelsReachEachOther() throws Exception {
        fixture.start(Map.of("isolate", "no"));
        String a = kernel.client("td-a", "10.254.1.1/16");
        kernel.client("td-b", "10.254.1.2/16");
        fixture.up("td-a", 1446);
        fixture.up("td-b", 1446);
        assertThat(kernel.reaches(a, "10.254.1.2")).isTrue();
    }

    @Test
    void moveToAnotherBridgeWhenTheMtuChanges() throws Exception {
        fixture.start(Map.of("prefix", "td-mesh", "address", "10.254.0.2/16"));
        String a = kernel.client("td-a", "10.254.1.1/16");
        String b = kernel.client("td-b", "10.254.1.2/16");
        fixture.up("td-a", 1446);
        fixture.up("td-b", 1280);
        kernel.client("td-c", "10.254.1.3/16");
        kernel.broker("ip", "link", "set", "td-c", "up", "master", "td-mesh1280");
        fixture.move("td-a", 1446, 1280);
        assertThat(kernel.port("td-a"))
                .contains("master td-mesh1280")
                .contains("isolated on")
                .contains("mtu 1280");
        assertThat(kernel.broker("bridge", "link")).doesNotContain("master td-mesh1446");
        assertThat(kernel.broker("ip", "link", "show", "td-mesh1446")).contains("mtu 1446");
        assertThat(kernel.reaches(a, "10.254.1.3")).isTrue();
        assertThat(kernel.reaches(b, "10.254.1.3")).isTrue();
        assertThat(kernel.cannotReach(a, "10.254.1.2")).isTrue();
        assertThat(kernel.cannotReach(b, "10.254.1.1")).isTrue();
    }

    @Test
    void deletedBridgeIsMadeAnew() throws Exception {
        fixture.start(Map.of("address", "10.254.0.2/16"));
        kernel.client("td-a", "10.254.1.1/16");
        fixture.up("td-a", 1446);
        kernel.broker("ip", "link", "delete", "digger1446");
        fixture.up("td-a", 1446);
        assertThat(kernel.port("td-a")).contains("master digger1446").contains("isolated on");
        assertThat(kernel.broker("ip", "address", "show", "digger1446")).contains("10.254.0.2/16");
    }

    @Test
    void bridgeOfAnEarlierRunIsTakenAndCompleted() throws Exception {
        fixture.start(Map.of("address", "10.254.0.2/16", "rule_table", "42"));
        kernel.broker("ip", "link", "add", "digger1446", "type", "bridge");
        kernel.broker("ip", "address", "add", "10.254.0.2/16", "dev", "digger1446");
        kernel.broker("ip", "rule", "add", "iif", "digger1446", "lookup", "42", "priority", "1000");
        String a = kernel.client("td-a", "10.254.1.1/16");
        fixture.up("td-a", 1446);
        assertThat(kernel.port("td-a")).contains("master digger1446").contains("isolated on");
        assertThat(kernel.reaches(a, "10.254.0.2")).isTrue();
        assertThat(kernel.broker("ip", "rule")).containsOnlyOnce("1000:");
    }

    @Test
    void interfaceThatIsGoneOrNoBridgeIsAFailureThatSaysSo() throws Exception {
        fixture.start(Map.of());
        assertThatThrownBy(() -> fixture.up("td-none", 1446))
                .hasMessageStartingWith("attach td-none to digger1446: find the interface td-none: ENODEV");
        kernel.client("digger1400", "10.254.1.1/16");
        kernel.client("td-a", "10.254.1.2/16");
        assertThatThrownBy(() -> fixture.up("td-a", 1400)).hasMessageContaining("digger1400 is no bridge: EEXIST");
        assertThat(kernel.broker("ip", "link", "show", "td-a")).contains("state DOWN");
    }

    @Test
    void unknownKeysAreWarnedAboutAndWrongValuesRefused() throws Exception {
        fixture.start(Map.of("pre-fix", "x"));
        assertThat(fixture.context().configuration().warnings())
                .containsExactly("[plugin.bridge-per-mtu] pre-fix: unknown key, ignored");
        assertThatThrownBy(() -> fixture.start(Map.of("isolate", "perhaps")))
                .hasMessage("[plugin.bridge-per-mtu] isolate: 'perhaps' is neither yes nor no");
    }

    private Void upInBroker(String port) throws Exception {
        return kernel.inBroker(() -> fixture.plugin().onSessionUp(SampleSessions.up(port, 1446)));
    }
}
