// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tunneldigger.api.net.InterfaceAddress;
import org.tunneldigger.api.net.IpFamily;
import org.tunneldigger.api.net.NetworkException;
import org.tunneldigger.nativeio.TestNamespace;

/** Every verb against the kernel, as {@code ip} and {@code bridge} see what it did. */
class NetlinkNetworkTest {
    private static final InterfaceAddress V4 = InterfaceAddress.parse("10.254.0.2/16");
    private static final InterfaceAddress V6 = InterfaceAddress.parse("fd00::2/64");

    private final NetlinkNetwork network = new NetlinkNetwork();
    private TestNamespace namespace;

    @TempDir
    private Path folder = Path.of("set by JUnit");

    @BeforeEach
    void createNamespace() throws Exception {
        namespace = TestNamespace.create();
    }

    @AfterEach
    void deleteNamespace() throws Exception {
        network.close();
        namespace.close();
    }

    private interface Step {
        void run() throws Exception;
    }

    private void inside(Step step) throws Exception {
        namespace.call(() -> {
            step.run();
            return true;
        });
    }

    @Test
    void verbsMayBeRepeated() throws Exception {
        namespace.run("ip", "link", "add", "td-p", "type", "veth", "peer", "td-q");
        for (int i = 0; i < 2; i++) {
            inside(() -> {
                network.ensureBridge("td-br", 1400);
                network.ensureAddress("td-br", V4);
                network.ensureAddress("td-br", V6);
                network.ensureRule(IpFamily.V4, "td-br", 4_294_967_295L, 1000);
                network.ensureRule(IpFamily.V6, "td-br", 100, 1000);
                network.attachPort("td-p", "td-br", 1400, true);
                assertThat(network.bridgeOf("td-p")).contains("td-br");
            });
            assertThat(namespace.run("ip", "-d", "link", "show", "td-br"))
                    .contains("mtu 1400")
                    .contains(",UP");
            assertThat(namespace.run("ip", "address", "show", "td-br"))
                    .containsOnlyOnce("inet 10.254.0.2/16")
                    .containsOnlyOnce("inet6 fd00::2/64");
            assertThat(namespace.run("ip", "rule")).containsOnlyOnce("1000:").contains("lookup 4294967295");
            assertThat(namespace.run("ip", "-6", "rule")).containsOnlyOnce("1000:");
            assertThat(port("td-p"))
                    .contains("master td-br")
                    .contains("isolated on")
                    .contains("mtu 1400");
        }
        inside(() -> network.setIsolated("td-p", false));
        assertThat(port("td-p")).contains("isolated off");
        for (int i = 0; i < 2; i++) {
            inside(() -> network.detach("td-p"));
            inside(() -> assertThat(network.bridgeOf("td-p")).isEmpty());
        }
        inside(() -> network.detach("td-none"));
    }

    @Test
    void bridgeKeepsItsMtuWhateverItsPortsHave() throws Exception {
        namespace.run("ip", "link", "add", "td-p", "type", "veth", "peer", "td-q");
        inside(() -> {
            network.ensureBridge("td-br", 1400);
            network.attachPort("td-p", "td-br", 1280, true);
        });
        assertThat(namespace.run("ip", "link", "show", "td-br")).contains("mtu 1400");
    }

    @Test
    void portHasNoIpv6AddressOfItsOwn() throws Exception {
        namespace.run("ip", "link", "add", "td-p", "type", "veth", "peer", "td-q");
        namespace.run("ip", "link", "set", "td-q", "up");
        namespace.run("ip", "link", "set", "td-p", "up");
        inside(() -> {
            network.ensureBridge("td-br", 1400);
            network.attachPort("td-p", "td-br", 1400, true);
        });
        awaitForwarding("td-p");
        assertThat(namespace.run("ip", "-6", "address", "show", "td-p")).isBlank();
        inside(() -> network.detach("td-p"));
        namespace.run("ip", "link", "set", "td-p", "down");
        namespace.run("ip", "link", "set", "td-p", "up");
        assertThat(namespace.run("ip", "-6", "address", "show", "td-p")).contains("inet6 fe80:");
    }

    @Test
    void portOfTheBridgeIsNotTakenDown() throws Exception {
        namespace.run("ip", "link", "add", "td-p", "type", "veth", "peer", "td-q");
        namespace.run("ip", "link", "set", "td-q", "up");
        inside(() -> {
            network.ensureBridge("td-br", 1400);
            network.attachPort("td-p", "td-br", 1400, true);
        });
        awaitForwarding("td-p");
        try (Monitor monitor = new Monitor()) {
            inside(() -> network.attachPort("td-p", "td-br", 1300, false));
            inside(() -> network.attachPort("td-p", "td-br", 1300, true));
            monitor.end();
            assertThat(monitor.lines("td-p")).isNotEmpty().noneMatch(line -> line.contains("state disabled"));
        }
        assertThat(port("td-p")).contains("mtu 1300").contains("isolated on");
    }

    /** The kernel tells a port's state and isolation with every change, before the next change is made. */
    @Test
    void portNeverForwardsUnisolated() throws Exception {
        namespace.run("ip", "link", "add", "td-p", "type", "veth", "peer", "td-q");
        namespace.run("ip", "link", "set", "td-q", "up");
        inside(() -> {
            network.ensureBridge("td-br0", 1400);
            network.ensureBridge("td-br1", 1300);
        });
        namespace.run("ip", "link", "set", "td-p", "up"); // the worst case
        try (Monitor monitor = new Monitor()) {
            inside(() -> network.attachPort("td-p", "td-br0", 1400, true));
            awaitForwarding("td-p");
            inside(() -> network.attachPort("td-p", "td-br1", 1300, true));
            awaitForwarding("td-p");
            monitor.end();
            List<String> forwarding = new ArrayList<>(monitor.lines("td-p"));
            forwarding.removeIf(line -> !line.contains("state forwarding"));
            assertThat(forwarding).anyMatch(line -> line.contains("master td-br0"));
            assertThat(forwarding).anyMatch(line -> line.contains("master td-br1"));
            assertThat(forwarding).allMatch(line -> line.contains("isolated on"));
        }
    }

    @Test
    void portThatCannotBeMovedIsDownAndInNoBridge() throws Exception {
        namespace.run("ip", "link", "add", "td-p", "type", "veth", "peer", "td-q");
        inside(() -> {
            network.ensureBridge("td-br0", 1400);
            network.ensureBridge("td-br1", 1400);
            network.attachPort("td-p", "td-br0", 1400, true);
        });
        // the MTU is refused after the port has moved
        inside(() -> assertThatThrownBy(() -> network.attachPort("td-p", "td-br1", 70_000, true))
                .isInstanceOfSatisfying(NetworkException.class, e -> {
                    assertThat(e.errnoName()).isEqualTo("EINVAL");
                    assertThat(e.kernelText()).isEqualTo("mtu greater than device maximum");
                    assertThat(e).hasMessageStartingWith("attach td-p to td-br1: set isolated port ");
                }));
        assertThat(namespace.run("ip", "link", "show", "td-p")).contains("state DOWN");
    }

    @Test
    void failuresSayWhat() throws Exception {
        namespace.run("ip", "link", "add", "td-p", "type", "veth", "peer", "td-q");
        inside(() -> {
            network.ensureBridge("td-br", 1400);
            assertThatThrownBy(() -> network.attachPort("td-none", "td-br", 1400, true))
                    .hasMessage("attach td-none to td-br: find the interface td-none: ENODEV (No such device)");
            assertThatThrownBy(() -> network.attachPort("td-p", "td-q", 1400, true))
                    .isInstanceOf(NetworkException.class)
                    .hasMessageContaining("td-q is no bridge: EINVAL");
            assertThatThrownBy(() -> network.ensureBridge("td-p", 1400))
                    .isInstanceOf(NetworkException.class)
                    .hasMessageContaining("td-p is no bridge: EEXIST");
            assertThatThrownBy(() -> network.setIsolated("td-p", true))
                    .isInstanceOf(NetworkException.class)
                    .hasMessageContaining("td-p is no port of a bridge: EINVAL");
            assertThatThrownBy(() -> network.bridgeOf("td-none"))
                    .isInstanceOfSatisfying(
                            NetworkException.class,
                            e -> assertThat(e.errnoName()).isEqualTo("ENODEV"));
        });
    }

    @Test
    void manyThreadsMakeOneBridge() throws Exception {
        int threads = 4;
        int rounds = 50;
        ExecutorService workers = Executors.newFixedThreadPool(threads);
        CyclicBarrier together = new CyclicBarrier(threads);
        try {
            List<Future<Boolean>> results = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                results.add(workers.submit(() -> namespace.call(() -> {
                    for (int round = 0; round < rounds; round++) {
                        together.await(20, TimeUnit.SECONDS);
                        network.ensureBridge("td-br" + round, 1400);
                        network.ensureAddress("td-br" + round, V4);
                        network.ensureRule(IpFamily.V4, "td-br" + round, 100, 1000 + round);
                    }
                    return true;
                })));
            }
            for (Future<Boolean> result : results) {
                assertThat(result.get(60, TimeUnit.SECONDS)).isTrue();
            }
        } finally {
            workers.shutdownNow();
        }
        String rules = namespace.run("ip", "rule");
        for (int round = 0; round < rounds; round++) {
            assertThat(rules).containsOnlyOnce((1000 + round) + ":");
            assertThat(namespace.run("ip", "address", "show", "td-br" + round)).containsOnlyOnce("10.254.0.2/16");
        }
    }

    /** Linux looks after a wire's two ends once a second at times. */
    private void awaitForwarding(String name) throws Exception {
        long endNanos = System.nanoTime() + 10_000_000_000L;
        while (!port(name).contains("state forwarding")) {
            assertThat(System.nanoTime() - endNanos).as("until it forwards").isNegative();
            Thread.sleep(10);
        }
    }

    private String port(String name) throws Exception {
        return namespace.run("bridge", "-d", "link", "show", "dev", name);
    }

    /** What the kernel tells about bridge ports, line by line, while this is open. */
    private final class Monitor implements AutoCloseable {
        private final Path output = folder.resolve("monitor-" + System.nanoTime());
        private final Process process;

        Monitor() throws Exception {
            process = new ProcessBuilder(
                            "ip", "netns", "exec", namespace.name(), "bridge", "-d", "-o", "monitor", "link")
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            // it listens when it tells of a bridge that is there for this alone
            namespace.run("ip", "link", "add", "td-mark", "type", "bridge");
            namespace.run("ip", "link", "add", "td-mark-p", "type", "veth", "peer", "td-mark-q");
            for (int i = 0; !text().contains("td-mark-p"); i++) {
                assertThat(i).as("the monitor listens").isLessThan(200);
                namespace.run("ip", "link", "set", "td-mark-p", "master", "td-mark");
                namespace.run("ip", "link", "set", "td-mark-p", "nomaster");
            }
        }

        /** Waits until all has been told that happened before. */
        void end() throws Exception {
            for (int i = 0; !text().contains("td-end-p"); i++) {
                assertThat(i).as("the monitor tells the end").isLessThan(200);
                if (i == 0) {
                    namespace.run("ip", "link", "add", "td-end-p", "type", "veth", "peer", "td-end-q");
                }
                namespace.run("ip", "link", "set", "td-end-p", "master", "td-mark");
                namespace.run("ip", "link", "set", "td-end-p", "nomaster");
            }
        }

        List<String> lines(String port) throws Exception {
            return text().lines()
                    .filter(line -> line.matches("(\\[.*\\])?(Deleted )?[0-9]+: " + port + "[@:].*"))
                    .toList();
        }

        private String text() throws Exception {
            return Files.readString(output);
        }

        @Override
        public void close() throws Exception {
            process.destroy();
            process.waitFor();
        }
    }
}
