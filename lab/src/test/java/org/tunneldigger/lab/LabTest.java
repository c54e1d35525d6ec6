// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The harness itself, without a broker: a scenario that passes for the harness's fault would prove nothing. */
final class LabTest {
    private static final int RELAY_PORT = 7000;

    @Test
    void clientsReachTheBrokerThroughTheRouter() {
        try (Lab lab = Lab.open()) {
            Client client = lab.addClient();
            assertThat(client.pings(Lab.BROKER_V4, 1472)).isTrue();
            assertThat(client.pings(Lab.BROKER_V6, 1452)).isTrue();
            lab.pathMtu(1400);
            assertThat(client.pings(Lab.BROKER_V4, 1372)).isTrue();
            assertThat(client.pings(Lab.BROKER_V4, 1373)).isFalse();
            // Well beyond 1400: a veth lets four bytes more through, for a VLAN tag.
            assertThat(lab.broker()
                            .command("ping", "-c1", "-W1", "-Mprobe", "-s1400", client.address())
                            .run()
                            .status())
                    .as("larger than the path, from the broker")
                    .isNotZero();
        }
    }

    @Test
    void relayForwardsLosesDoublesAndChangesItsPort() throws Exception {
        try (Lab lab = Lab.open();
                DatagramSocket broker =
                        lab.broker().call(() -> new DatagramSocket(Lab.PORT, InetAddress.getByName(Lab.BROKER_V4)))) {
            broker.setSoTimeout(2_000);
            Client machine = lab.addClient();
            UdpRelay relay = lab.relay(RELAY_PORT);
            try (DatagramSocket client = machine.namespace().call(DatagramSocket::new)) {
                client.connect(new InetSocketAddress(machine.routerAddress(), RELAY_PORT));
                client.setSoTimeout(2_000);
                send(client, "one");
                DatagramPacket first = receive(broker);
                assertThat(text(first)).isEqualTo("one");
                broker.send(new DatagramPacket("back".getBytes(StandardCharsets.UTF_8), 4, first.getSocketAddress()));
                assertThat(text(receive(client))).isEqualTo("back");

                relay.fate((direction, payload) -> switch (new String(payload, StandardCharsets.UTF_8)) {
                    case "lost" -> List.of();
                    case "late" -> List.of(Duration.ofMillis(200));
                    case "twice" -> List.of(Duration.ZERO, Duration.ofMillis(10));
                    default -> List.of(Duration.ZERO);
                });
                for (String word : List.of("lost", "late", "twice")) {
                    send(client, word);
                }
                assertThat(List.of(text(receive(broker)), text(receive(broker)), text(receive(broker))))
                        .containsExactly("twice", "twice", "late");

                relay.rebind();
                send(client, "two");
                DatagramPacket second = receive(broker);
                assertThat(text(second)).isEqualTo("two");
                assertThat(second.getPort()).isNotEqualTo(first.getPort());
            }
        }
    }

    @Test
    void hookScriptsNoteArgumentsAndInterface() {
        try (Lab lab = Lab.open()) {
            lab.broker().ip("link add l2tp100-100 mtu 1500 type bridge");
            lab.hooks().action("session.pre-down", "(exit 3)");
            String[] words = {
                lab.hooks().script("session.pre-down").toString(),
                "100",
                "100",
                "l2tp100-100",
                "1446",
                "10.64.1.1",
                "5000",
                "8942",
                "a uuid\"",
                "8942"
            };
            assertThat(lab.broker().command(words).run().status()).isEqualTo(3);
            words[3] = "l2tp101-101";
            lab.broker().command(words).run();
            List<HookEvent> begun = lab.hooks().begun("session.pre-down", "a uuid\"");
            assertThat(begun).hasSize(2);
            assertThat(begun.get(0).interfaceMtu()).hasValue(1500);
            assertThat(begun.get(1).interfaceMtu()).isEmpty();
            assertThat(lab.hooks().ended("session.pre-down", "a uuid\"")).hasSize(2);
        }
    }

    @Test
    void closingEndsProcessesAndNamespaces() {
        String name;
        LabProcess process;
        try (Lab lab = Lab.open()) {
            name = lab.broker().name();
            // a grandchild that ignores its parent's end
            process = LabProcess.start(
                    "stray", lab.broker(), lab.file("log"), "sh", "-c", "setsid sleep 1000 & echo $!; wait");
            lab.await()
                    .until(
                            Duration.ofSeconds(5),
                            "the stray runs",
                            () -> !process.output().isBlank());
            long stray = Long.parseLong(process.output().strip());
            assertThat(ProcessHandle.of(stray)).isPresent();
            assertThat(lab.broker().processCount()).isEqualTo(2);
        }
        assertThat(process.isAlive()).isFalse();
        assertThat(Command.of("ip", "netns", "list").output()).doesNotContain(name);
    }

    @Test
    void aWaitThatFailsSaysWhatWasSeen() {
        var await = new Await(() -> "the log's end");
        assertThatThrownBy(() -> await.until(Duration.ofMillis(30), "the moon", () -> false))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("the moon")
                .hasMessageContaining("the log's end");
    }

    private static void send(DatagramSocket socket, String word) throws java.io.IOException {
        byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
        socket.send(new DatagramPacket(bytes, bytes.length));
    }

    private static DatagramPacket receive(DatagramSocket socket) throws java.io.IOException {
        var packet = new DatagramPacket(new byte[100], 100);
        socket.receive(packet);
        return packet;
    }

    private static String text(DatagramPacket packet) {
        return new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8);
    }
}
