// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.tunneldigger.api.net.NetworkException;
import org.tunneldigger.nativeio.Datagram;
import org.tunneldigger.nativeio.Epoll;
import org.tunneldigger.nativeio.TestNamespace;
import org.tunneldigger.nativeio.UdpSocket;
import org.tunneldigger.protocol.Endpoint;

/**
 * Limits both ways, as {@code tc} sees them and as frames do. Those of what comes in, and masters other than bridges, are tried on
 * the guest's kernel, which has all that they take.
 */
class NetworkLimitsTest {
    private static final Endpoint SENDER = Endpoint.v4(0x0A090002, 0);
    private static final Endpoint RECEIVER = Endpoint.v4(0x0A090001, 5001);
    private static final int HEADERS = 14 + 20 + 8;
    private static final int PAYLOAD = 1400;

    private final NetlinkNetwork network = new NetlinkNetwork();
    private TestNamespace near;
    private TestNamespace far;

    @BeforeEach
    void createWire() throws Exception {
        near = TestNamespace.create();
        far = TestNamespace.create();
        near.run("ip", "link", "add", "td-a", "type", "veth", "peer", "name", "td-b", "netns", far.name());
        near.run("ip", "address", "add", "10.9.0.1/24", "dev", "td-a");
        far.run("ip", "address", "add", "10.9.0.2/24", "dev", "td-b");
        near.run("ip", "link", "set", "td-a", "up");
        far.run("ip", "link", "set", "td-b", "up");
    }

    @AfterEach
    void deleteNamespaces() throws Exception {
        network.close();
        near.close();
        far.close();
    }

    private interface Step {
        void run() throws Exception;
    }

    private void inside(Step step) throws Exception {
        near.call(() -> {
            step.run();
            return true;
        });
    }

    @Test
    void downIsSetChangedAndRemoved() throws Exception {
        String before = qdiscs();
        for (int kbit : new int[] {1000, 2001, 2001}) {
            inside(() -> network.limitDown("td-a", kbit * 1000L));
            assertThat(near.run("tc", "class", "show", "dev", "td-a"))
                    .contains("class htb 1:1 root leaf ")
                    .contains(" rate " + (kbit == 1000 ? "1M" : "2001K") + "bit ");
        }
        for (int i = 0; i < 2; i++) {
            inside(() -> network.limitDown("td-a", 0));
            assertThat(qdiscs()).isEqualTo(before);
        }
        near.run(
                "tc", "qdisc", "add", "dev", "td-a", "root", "handle", "7:", "tbf", "rate", "1mbit", "burst", "10k",
                "latency", "50ms");
        inside(() -> network.limitDown("td-a", 0));
        assertThat(qdiscs()).as("somebody else's").contains("tbf 7:");
    }

    /** On a kernel that can, nothing fails; on another one the message names the part, and nothing is left behind. */
    @Test
    void upWorksOrSaysWhatIsMissing() throws Exception {
        String before = qdiscs();
        inside(() -> network.limitUp("td-a", 0));
        try {
            inside(() -> network.limitUp("td-a", 1_000_000));
            assertThat(qdiscs()).contains("qdisc ingress ffff:");
            inside(() -> network.limitUp("td-a", 0));
        } catch (NetworkException e) {
            assertThat(e.errnoName()).isEqualTo("ENOENT");
            assertThat(e)
                    .hasMessageMatching("limit what comes in by td-a: (limit what comes in to 1000 kbit/s"
                            + "|add an ingress discipline) on link [0-9]+: ENOENT .*: .*(classifier|action|qdisc).*");
        }
        assertThat(qdiscs()).isEqualTo(before);
    }

    @Test
    @Tag("kernel-l2tp")
    void upIsSetReplacedAndRemoved() throws Exception {
        for (int i = 0; i < 4; i++) {
            int mbit = i + 1;
            inside(() -> network.limitUp("td-a", mbit * 1_000_000L));
            assertThat(qdiscs()).containsOnlyOnce("qdisc ingress ffff:");
            assertThat(filters())
                    .containsOnlyOnce("matchall chain 0 handle 0x1")
                    .containsOnlyOnce("police 0x")
                    .contains("rate " + mbit + "Mbit burst", "action drop");
        }
        inside(() -> network.limitUp("td-a", 100_000_000_000L));
        assertThat(filters()).contains("rate 100Gbit");
        for (int i = 0; i < 2; i++) {
            inside(() -> network.limitUp("td-a", 0));
            assertThat(qdiscs()).doesNotContain("ingress");
        }
        assertThatThrownBy(() -> inside(() -> network.limitUp("td-none", 1_000_000)))
                .hasMessageContaining("ENODEV");
    }

    @Test
    @Tag("kernel-l2tp")
    void whatComesInHasTheRateOfTheLimit() throws Exception {
        int kbit = 2000;
        inside(() -> network.limitUp("td-a", kbit * 1000L));
        try (UdpSocket sender = far.call(() -> UdpSocket.open(false));
                UdpSocket receiver = near.call(() -> UdpSocket.open(false))) {
            sender.bind(SENDER);
            sender.connect(RECEIVER);
            receiver.bind(RECEIVER);
            assertThat(measure(sender, receiver, kbit)).isCloseTo(kbit, within(kbit * 0.15));
        }
    }

    /** The frames' bits in a millisecond over 3 s, once the burst is used up; three times as much is sent as may pass. */
    private static double measure(UdpSocket sender, UdpSocket receiver, int kbit) throws Exception {
        ByteBuffer bytes = ByteBuffer.allocateDirect(PAYLOAD);
        Datagram datagram = new Datagram();
        long startNanos = System.nanoTime();
        long settledNanos = startNanos + 1_500_000_000L;
        long endNanos = settledNanos + 3_000_000_000L;
        double frameNanos = (PAYLOAD + HEADERS) * 8 * 1e6 / (3.0 * kbit);
        long sent = 0;
        long bits = 0;
        try (Epoll epoll = Epoll.open()) {
            epoll.add(receiver.fd(), Epoll.IN, 0);
            while (System.nanoTime() < endNanos) {
                while (sent * frameNanos < System.nanoTime() - startNanos) {
                    sender.send(bytes);
                    sent++;
                }
                epoll.await(2_000_000);
                while (receiver.receive(datagram) >= 0) {
                    bits += System.nanoTime() > settledNanos ? 8L * (datagram.length() + HEADERS) : 0;
                }
            }
        }
        return bits / 3000.0;
    }

    @Test
    @Tag("kernel-l2tp")
    void otherMastersTakeTunnelsIn() throws Exception {
        TestNamespace.command("modprobe", "batman_adv");
        for (String type : new String[] {"vrf table 77", "bond", "batadv"}) {
            near.run(("ip link add td-m type " + type).split(" "));
            near.run("ip", "link", "set", "td-m", "up");
            for (int i = 0; i < 2; i++) {
                inside(() -> {
                    network.attachToMaster("td-a", "td-m", 1400);
                    assertThat(network.portsOf("td-m")).containsExactly("td-a");
                    assertThat(network.kindOf("td-m")).contains(type.split(" ")[0]);
                    assertThat(network.bridgeOf("td-a")).isEmpty();
                });
                assertThat(near.run("ip", "link", "show", "td-a")).contains("master td-m", ",UP");
            }
            inside(() -> network.detach("td-a"));
            inside(() -> assertThat(network.portsOf("td-m")).isEmpty());
            near.run("ip", "link", "delete", "td-m");
        }
    }

    private String qdiscs() throws Exception {
        return near.run("tc", "qdisc", "show", "dev", "td-a");
    }

    private String filters() throws Exception {
        return near.run("tc", "filter", "show", "dev", "td-a", "ingress");
    }
}
