// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tunneldigger.nativeio.Datagram;
import org.tunneldigger.nativeio.Epoll;
import org.tunneldigger.nativeio.TestNamespace;
import org.tunneldigger.nativeio.UdpSocket;
import org.tunneldigger.protocol.Endpoint;

@Tag("long")
class TrafficControlTest {
    private static final Endpoint SENDER = Endpoint.v4(0x0A090001, 0);
    private static final Endpoint RECEIVER = Endpoint.v4(0x0A090002, 5001);
    private static final int HEADERS = 14 + 20 + 8;

    private TestNamespace near;
    private TestNamespace far;
    private Rtnetlink rtnetlink;
    private int index;

    @BeforeEach
    void createWire() throws Exception {
        near = TestNamespace.create();
        far = TestNamespace.create();
        near.run("ip", "link", "add", "td-a", "type", "veth", "peer", "name", "td-b", "netns", far.name());
        near.run("ip", "address", "add", "10.9.0.1/24", "dev", "td-a");
        far.run("ip", "address", "add", "10.9.0.2/24", "dev", "td-b");
        near.run("ip", "link", "set", "td-a", "up");
        far.run("ip", "link", "set", "td-b", "up");
        rtnetlink = near.call(Rtnetlink::open);
        index = Objects.requireNonNull(rtnetlink.links().byName("td-a")).index();
    }

    @AfterEach
    void deleteNamespaces() throws Exception {
        rtnetlink.close();
        near.close();
        far.close();
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1Kbit",
        "64, 64Kbit",
        "1024, 1024Kbit",
        "2001, 2001Kbit",
        "100000, 100Mbit",
        "10000000, 10Gbit",
        "34000000, 34Gbit", // the last that fits 32 bits of bytes a second, as far as tc shows digits
        "35000000, 35Gbit",
        "4294000000, 4294Gbit"
    })
    void tcShowsTheExactRate(long kbit, String shown) throws Exception {
        rtnetlink.trafficControl().limitBandwidth(index, kbit);
        assertThat(near.run("tc", "-s", "class", "show", "dev", "td-a"))
                .contains("class htb 1:1 root leaf ")
                .contains(" rate " + shown + " ceil " + shown + " ");
        assertThat(near.run("tc", "qdisc", "show", "dev", "td-a"))
                .contains("qdisc htb 1: root refcnt")
                .contains("default 0x1 ")
                .containsPattern("qdisc " + (kernelHasFqCodel() ? "fq_codel" : "bfifo") + " [0-9a-f]+: parent 1:1 ");
    }

    private boolean kernelHasFqCodel() throws Exception {
        try {
            far.run("tc", "qdisc", "replace", "dev", "td-b", "root", "fq_codel");
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void aNewLimitReplacesTheOneBefore() throws Exception {
        for (int kbit : new int[] {1000, 2000, 2000, 500}) {
            rtnetlink.trafficControl().limitBandwidth(index, kbit);
        }
        assertThat(near.run("tc", "class", "show", "dev", "td-a").lines().filter(line -> line.contains("class htb")))
                .hasSize(1)
                .allMatch(line -> line.contains("rate 500Kbit"));
        assertThat(near.run("tc", "qdisc", "show", "dev", "td-a").lines()).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource({
        "tbf rate 1mbit burst 10k latency 50ms",
        "handle 1: tbf rate 1mbit burst 10k latency 50ms",
        "handle 7: htb default 3"
    })
    void replacesWhateverDisciplineThereIs(String before) throws Exception {
        near.run(("tc qdisc add dev td-a root " + before).split(" "));
        rtnetlink.trafficControl().limitBandwidth(index, 3000);
        assertThat(near.run("tc", "class", "show", "dev", "td-a"))
                .contains("class htb 1:1 ")
                .contains("rate 3Mbit");
    }

    @Test
    void refusesLimitsOutOfRangeAndUnknownLinks() throws Exception {
        TrafficControl control = rtnetlink.trafficControl();
        assertThatThrownBy(() -> control.limitBandwidth(index, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> control.limitBandwidth(index, 1L << 32)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> control.limitBandwidth(9999, 100))
                .isInstanceOf(NetlinkException.class)
                .hasMessageContaining("ENODEV");
    }

    @ParameterizedTest
    @CsvSource({"500, 1400", "2000, 1400", "20000, 1400", "2000, 100"})
    void theMeasuredRateIsTheLimit(int kbit, int payload) throws Exception {
        rtnetlink.trafficControl().limitBandwidth(index, kbit);
        try (UdpSocket sender = near.call(() -> UdpSocket.open(false));
                UdpSocket receiver = far.call(() -> UdpSocket.open(false))) {
            sender.bind(SENDER);
            sender.connect(RECEIVER);
            receiver.bind(RECEIVER);
            double measured = measure(sender, receiver, payload);
            assertThat(measured).isCloseTo(kbit, within(kbit * 0.1));
        }
    }

    /** The frames' bits in a millisecond, over 1.5 s in which the sender always has more to send. */
    private static double measure(UdpSocket sender, UdpSocket receiver, int payload) throws Exception {
        ByteBuffer bytes = ByteBuffer.allocateDirect(payload);
        Datagram datagram = new Datagram();
        long settledNanos = System.nanoTime() + 300_000_000L;
        long endNanos = settledNanos + 1_500_000_000L;
        long bits = 0;
        try (Epoll epoll = Epoll.open()) {
            epoll.add(receiver.fd(), Epoll.IN, 0);
            while (System.nanoTime() < endNanos) {
                // more than goes out until the next turn, so that the queue never runs dry
                for (int i = 0; i < 64 && sender.send(bytes) > 0; i++) {}
                epoll.await(5_000_000);
                while (receiver.receive(datagram) >= 0) {
                    bits += System.nanoTime() > settledNanos ? 8L * (datagram.length() + HEADERS) : 0;
                }
            }
        }
        return bits / 1500.0;
    }
}
