// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.datapath.tap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tunneldigger.datapath.DatapathKind;
import org.tunneldigger.datapath.DropReason;
import org.tunneldigger.datapath.OpenResources;
import org.tunneldigger.datapath.TestFrames;
import org.tunneldigger.datapath.TestPeer;
import org.tunneldigger.datapath.TunnelInterface;
import org.tunneldigger.datapath.TunnelSpec;
import org.tunneldigger.nativeio.Datagram;
import org.tunneldigger.nativeio.Epoll;
import org.tunneldigger.nativeio.Errno;
import org.tunneldigger.nativeio.NativeException;
import org.tunneldigger.nativeio.OffHeap;
import org.tunneldigger.nativeio.TapDevice;
import org.tunneldigger.nativeio.TestNamespace;

class TapDatapathTest {
    private static final TunnelSpec SPEC = new TunnelSpec(100, 7, 0xFFFFFF01L, 0x80000002L, "l2tp100-7", 1446);
    private static final String BROADCAST_FRAME = "ffffffffffff" + "020000000001" + "88b5" + "01".repeat(46);
    private static final String HEADER = "00030000" + "ffffff01" + "00000000";

    private TestNamespace namespace;
    private TapDatapath datapath;
    private TestPeer peer;

    @BeforeEach
    void openDatapath() throws Exception {
        namespace = TestNamespace.create();
        namespace.run("sysctl", "-qw", "net.ipv6.conf.default.disable_ipv6=1");
        datapath = namespace.call(TapDatapath::open);
        peer = TestPeer.in(namespace, false);
    }

    @AfterEach
    void closeDatapath() throws Exception {
        peer.close();
        datapath.close();
        namespace.close();
    }

    @Test
    void opensTheInterfaceDownWithItsMtuAndCloses() throws Exception {
        OpenResources before = OpenResources.in(namespace);
        TunnelInterface tunnel = open(SPEC);
        assertThat(datapath.kind()).isEqualTo(DatapathKind.TAP);
        assertThat(tunnel.name()).isEqualTo("l2tp100-7");
        assertThat(namespace.run("ip", "link", "show", "l2tp100-7"))
                .startsWith(tunnel.index() + ": ")
                .contains("mtu 1446")
                .contains("state DOWN");
        tunnel.setMtu(1280);
        tunnel.limitBandwidth(1024);
        assertThat(namespace.run("ip", "link", "show", "l2tp100-7")).contains("mtu 1280");
        assertThat(namespace.run("tc", "class", "show", "dev", "l2tp100-7")).contains("rate 1024Kbit");
        tunnel.close();
        tunnel.close();
        awaitResources(before);
    }

    @Test
    void manyAreRemovedTogetherAndAllAreGoneWhenTheDatapathIsClosed() throws Exception {
        OpenResources before = OpenResources.in(namespace);
        TapDatapath other = namespace.call(TapDatapath::open);
        List<TunnelInterface> tunnels = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            TunnelSpec spec = named("many" + i, 1446);
            tunnels.add(namespace.call(() -> other.open(spec, peer.tunnelSocket())));
        }
        tunnels.forEach(TunnelInterface::close);
        other.close();
        assertThat(OpenResources.in(namespace)).isEqualTo(before);
    }

    /** Interfaces go a moment after they were closed. */
    private void awaitResources(OpenResources expected) throws Exception {
        long endNanos = System.nanoTime() + 5_000_000_000L;
        while (!OpenResources.in(namespace).equals(expected) && System.nanoTime() - endNanos < 0) {
            Thread.sleep(10);
        }
        assertThat(OpenResources.in(namespace)).isEqualTo(expected);
    }

    @Test
    void wrapsFramesAsTheKernelDoes() throws Exception {
        try (TunnelInterface tunnel = open(SPEC);
                TapDevice other = bridged(tunnel)) {
            byte[] frame = HexFormat.of().parseHex(BROADCAST_FRAME);
            TestFrames.write(other, frame);
            awaitReadable(tunnel.readableFd());
            assertThat(tunnel.onReadable()).isZero();
            assertThat(peer.receiveFrame("88b5")).isEqualTo("00030000" + "80000002" + "00000000" + BROADCAST_FRAME);
        }
    }

    @Test
    void unwrapsFramesOfItsSession() throws Exception {
        try (TunnelInterface tunnel = open(SPEC);
                TapDevice other = bridged(tunnel)) {
            deliver(tunnel, HEADER + BROADCAST_FRAME);
            // the reserved bits of the header and the sublayer's content are not looked at (RFC 3931 §4.1.2.1)
            deliver(tunnel, "0003abcd" + "ffffff01" + "40123456" + BROADCAST_FRAME);
            for (int i = 0; i < 2; i++) {
                awaitReadable(other.fd());
                assertThat(HexFormat.of().formatHex(TestFrames.read(other))).isEqualTo(BROADCAST_FRAME);
            }
            assertThat(datapath.drops().snapshot().values()).containsOnly(0L);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "TOO_SHORT, ''",
        "TOO_SHORT, 00030000ffffff0100000000",
        "TOO_SHORT, 00030000ffffff0100000000ffffffffffff02000000000188",
        "NOT_DATA, 8073a70105020001000000000000000000000000000000000000",
        "NOT_DATA, 00020000ffffff0100000000ffffffffffff02000000000188b5",
        "OTHER_SESSION, 00030000ffffff0200000000ffffffffffff02000000000188b5",
        "INTERFACE_DOWN, 00030000ffffff0100000000ffffffffffff02000000000188b5",
    })
    void countsWhatItDoesNotDeliver(DropReason reason, String hex) throws Exception {
        try (TunnelInterface tunnel = open(SPEC)) {
            deliver(tunnel, hex);
            assertThat(datapath.drops().of(reason)).isEqualTo(1);
            assertThat(datapath.drops().snapshot().values().stream()
                            .mapToLong(Long::longValue)
                            .sum())
                    .isEqualTo(1);
        }
    }

    @Test
    void noPacketMakesItThrow() throws Exception {
        try (TunnelInterface tunnel = open(SPEC)) {
            namespace.run("ip", "link", "set", tunnel.name(), "up");
            long seed = System.nanoTime();
            Random random = new Random(seed);
            byte[] header = HexFormat.of().parseHex(HEADER);
            OffHeap packet = new OffHeap(4096);
            for (int i = 0; i < 5_000; i++) {
                byte[] bytes = new byte[random.nextInt(4096)];
                random.nextBytes(bytes);
                packet.network().put(0, bytes);
                if (random.nextBoolean()) {
                    packet.network().put(0, header);
                }
                tunnel.deliver(packet, 0, bytes.length);
                tunnel.flush();
            }
            assertThat(datapath.drops().of(DropReason.NOT_DATA))
                    .as("seed %d", seed)
                    .isPositive();
        }
    }

    @Test
    void aTurnCarriesOneBatchAndLeavesTheRest() throws Exception {
        try (TunnelInterface tunnel = open(SPEC);
                TapDevice other = bridged(tunnel)) {
            byte[] frame = HexFormat.of().parseHex(BROADCAST_FRAME);
            for (int i = 0; i < 70; i++) {
                TestFrames.write(other, frame);
            }
            awaitReadable(tunnel.readableFd());
            tunnel.onReadable();
            assertThat(received()).isEqualTo(64);
            awaitReadable(tunnel.readableFd());
            tunnel.onReadable();
            assertThat(received()).isEqualTo(6);
        }
    }

    @Test
    void reportsThePeersRefusalsButNotLongPackets() throws Exception {
        try (TunnelInterface tunnel = open(SPEC);
                TapDevice other = bridged(tunnel)) {
            byte[] frame = HexFormat.of().parseHex(BROADCAST_FRAME + "02".repeat(1000));
            namespace.run("ip", "link", "set", "lo", "mtu", "600");
            TestFrames.write(other, frame);
            awaitReadable(tunnel.readableFd());
            assertThat(tunnel.onReadable()).isZero();
            assertThat(datapath.drops().of(DropReason.TOO_LONG)).isEqualTo(1);

            namespace.run("ip", "link", "set", "lo", "mtu", "1500");
            peer.peerSocket().close();
            // the first packet provokes the ICMP message that the second one's send reports
            int errors = 0;
            for (int i = 0; i < 2; i++) {
                TestFrames.write(other, frame);
                awaitReadable(tunnel.readableFd());
                errors += tunnel.onReadable();
            }
            assertThat(errors).isEqualTo(1);
            assertThat(datapath.drops().of(DropReason.SOCKET_ERROR)).isEqualTo(1);
        }
    }

    /** On the kernel's datapath nobody hears of them: a broker's route that is gone for a moment must not end its sessions. */
    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void errorsOfTheBrokersOwnWayAreDropsAlone(int framesATurn) throws Exception {
        try (TunnelInterface tunnel = open(SPEC);
                TapDevice other = bridged(tunnel)) {
            namespace.run("ip", "rule", "del", "pref", "0");
            namespace.run("ip", "rule", "add", "pref", "0", "unreachable"); // every send gets ENETUNREACH
            int errors = 0;
            for (int i = 0; i < 12; i++) {
                for (int frames = 0; frames < framesATurn; frames++) {
                    TestFrames.write(other, HexFormat.of().parseHex(BROADCAST_FRAME));
                }
                awaitReadable(tunnel.readableFd());
                errors += tunnel.onReadable();
            }
            assertThat(errors).isZero();
            assertThat(datapath.drops().of(DropReason.SOCKET_ERROR)).isEqualTo(12L * framesATurn);
        }
    }

    @Test
    void anEarlierPacketsErrorNeitherCostsATrainNorEndsThem() throws Exception {
        try (TunnelInterface tunnel = open(SPEC);
                TapDevice other = bridged(tunnel)) {
            peer.peerSocket().close();
            int errors = 0;
            for (int i = 0; i < 3; i++) {
                for (int frames = 0; frames < 4; frames++) {
                    TestFrames.write(other, HexFormat.of().parseHex(BROADCAST_FRAME));
                }
                awaitReadable(tunnel.readableFd());
                errors += tunnel.onReadable();
            }
            assertThat(errors).isEqualTo(2);
            assertThat(((TapTunnel) tunnel).sendsTrains()).isTrue();
            assertThat(datapath.drops().of(DropReason.SOCKET_ERROR)).isZero();
        }
    }

    @Test
    void framesTooLongForTheWayAreCountedEachAndDontEndTrains() throws Exception {
        try (TunnelInterface tunnel = open(SPEC);
                TapDevice other = bridged(tunnel)) {
            namespace.run("ip", "link", "set", "lo", "mtu", "600");
            for (int frames = 0; frames < 4; frames++) {
                TestFrames.write(other, HexFormat.of().parseHex(BROADCAST_FRAME + "02".repeat(1000)));
            }
            awaitReadable(tunnel.readableFd());
            assertThat(tunnel.onReadable()).isZero();
            assertThat(datapath.drops().of(DropReason.TOO_LONG)).isEqualTo(4);
            assertThat(((TapTunnel) tunnel).sendsTrains()).isTrue();
        }
    }

    @Test
    void saysWhenSomebodyElseDeletedTheInterface() throws Exception {
        try (TunnelInterface tunnel = open(SPEC)) {
            namespace.run("ip", "link", "delete", tunnel.name());
            assertThat(tunnel.onReadable()).isEqualTo(TunnelInterface.GONE);
            deliver(tunnel, HEADER + BROADCAST_FRAME);
            assertThat(datapath.drops().of(DropReason.INTERFACE_REFUSED)).isEqualTo(1);
            assertThatThrownBy(() -> tunnel.setMtu(1280)).hasMessageContaining("ENODEV");
        }
    }

    @Test
    void everyFailureOfOpenLeavesNothing() throws Exception {
        namespace.run("ip", "link", "add", "l2tp100-8", "type", "bridge");
        OpenResources none = OpenResources.in(namespace);
        TunnelInterface open = open(SPEC);
        OpenResources before = OpenResources.in(namespace);
        failsToOpen(SPEC, Errno.EEXIST);
        failsToOpen(named("l2tp100-8", 1446), Errno.EEXIST);
        failsToOpen(named("sixteen-letters-", 1446), Errno.EINVAL);
        failsToOpen(named("l2tp100-9", 10), Errno.EINVAL);
        failsToOpen(named("l2tp100-9", 70_000), Errno.EINVAL);
        assertThat(OpenResources.in(namespace)).isEqualTo(before);
        open.close();
        awaitResources(none);
        open(SPEC).close();
    }

    @Test
    void removesLeftoversOfItsRangeAlone() throws Exception {
        for (String name :
                new String[] {"l2tp99-1", "l2tp100-1", "l2tp149-7", "l2tp150-1", "l2tp100-1x", "xl2tp100-1"}) {
            namespace.run("ip", "tuntap", "add", "dev", name, "mode", "tap");
        }
        namespace.run("ip", "link", "add", "l2tp101-1", "type", "bridge");
        inside(() -> {
            datapath.removeLeftovers(100, 50);
            datapath.removeLeftovers(100, 50);
        });
        assertThat(namespace.run("ip", "-o", "link"))
                .contains("l2tp99-1:", "l2tp150-1:", "l2tp100-1x:", "xl2tp100-1:", "l2tp101-1:")
                .doesNotContain(" l2tp100-1:", "l2tp149-7:");
    }

    private void failsToOpen(TunnelSpec spec, int errno) {
        assertThatThrownBy(() -> open(spec))
                .isInstanceOfSatisfying(
                        NativeException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }

    private static TunnelSpec named(String name, int mtu) {
        return new TunnelSpec(100, 7, 1, 1, name, mtu);
    }

    private TunnelInterface open(TunnelSpec spec) throws Exception {
        return namespace.call(() -> datapath.open(spec, peer.tunnelSocket()));
    }

    /** A second TAP on a bridge with the tunnel's: what is written to it comes out of the tunnel's interface. */
    private TapDevice bridged(TunnelInterface tunnel) throws Exception {
        TapDevice other = namespace.call(() -> TapDevice.open("td-other"));
        namespace.run("ip", "link", "add", "td-br", "type", "bridge", "mcast_snooping", "0");
        namespace.run("ip", "link", "set", "td-br", "up");
        namespace.run("ip", "link", "set", tunnel.name(), "master", "td-br", "up");
        namespace.run("ip", "link", "set", "td-other", "master", "td-br", "up");
        return other;
    }

    private void inside(Step step) throws Exception {
        namespace.call(() -> {
            step.run();
            return 0;
        });
    }

    private int received() {
        Datagram datagram = new Datagram();
        int count = 0;
        while (peer.peerSocket().receive(datagram) >= 0) {
            count++;
        }
        return count;
    }

    private static void deliver(TunnelInterface tunnel, String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        OffHeap packet = new OffHeap(4096);
        packet.network().put(0, bytes);
        tunnel.deliver(packet, 0, bytes.length);
        tunnel.flush();
    }

    private static void awaitReadable(int fd) throws Exception {
        try (Epoll epoll = Epoll.open()) {
            epoll.add(fd, Epoll.IN, 0);
            assertThat(epoll.await(2_000_000_000L)).isEqualTo(1);
        }
    }

    private interface Step {
        void run() throws Exception;
    }
}
