// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.datapath.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tunneldigger.datapath.DatapathKind;
import org.tunneldigger.datapath.DropReason;
import org.tunneldigger.datapath.OpenResources;
import org.tunneldigger.datapath.TestFrames;
import org.tunneldigger.datapath.TestPeer;
import org.tunneldigger.datapath.TunnelInterface;
import org.tunneldigger.datapath.TunnelSpec;
import org.tunneldigger.datapath.tap.TapDatapath;
import org.tunneldigger.nativeio.Datagram;
import org.tunneldigger.nativeio.Epoll;
import org.tunneldigger.nativeio.Errno;
import org.tunneldigger.nativeio.NativeException;
import org.tunneldigger.nativeio.OffHeap;
import org.tunneldigger.nativeio.TapDevice;
import org.tunneldigger.nativeio.TestNamespace;
import org.tunneldigger.netlink.L2tpNetlink;
import org.tunneldigger.netlink.NetlinkException;

@Tag("kernel-l2tp")
class KernelDatapathTest {
    private static final TunnelSpec SPEC = new TunnelSpec(100, 7, 0xFFFFFF01L, 0x80000002L, "l2tp100-7", 1446);
    private static final String FRAME = "ffffffffffff" + "020000000001" + "88b5" + "01".repeat(46);

    private TestNamespace namespace;
    private KernelDatapath datapath;
    private TestPeer peer;

    @BeforeEach
    void openDatapath() throws Exception {
        namespace = TestNamespace.create();
        namespace.run("sysctl", "-qw", "net.ipv6.conf.default.disable_ipv6=1");
        datapath = namespace.call(KernelDatapath::open);
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
        assertThat(datapath.kind()).isEqualTo(DatapathKind.KERNEL);
        assertThat(tunnel.readableFd()).isEqualTo(-1);
        assertThat(namespace.run("ip", "link", "show", "l2tp100-7"))
                .startsWith(tunnel.index() + ": ")
                .contains("mtu 1446")
                .contains("state DOWN");
        try (L2tpNetlink l2tp = namespace.call(L2tpNetlink::open)) {
            assertThat(l2tp.tunnels()).containsExactly(new L2tpNetlink.Tunnel(100, 7));
            assertThat(l2tp.sessions())
                    .containsExactly(new L2tpNetlink.Session(100, 0xFFFFFF01L, 0x80000002L, "l2tp100-7"));
        }
        tunnel.setMtu(1280);
        tunnel.limitBandwidth(1024);
        assertThat(namespace.run("ip", "link", "show", "l2tp100-7")).contains("mtu 1280");
        assertThat(namespace.run("tc", "class", "show", "dev", "l2tp100-7")).contains("rate 1024Kbit");
        tunnel.close();
        tunnel.close();
        awaitEqual(before, () -> OpenResources.in(namespace));
    }

    /** The kernel on one end, user space on the other, over both underlays. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void carriesFramesToAndFromTheTapDatapath(boolean v6) throws Exception {
        TestNamespace far = TestNamespace.create();
        TestPeer pair = TestPeer.in(namespace, v6);
        TapDatapath tap = far.call(TapDatapath::open);
        try (far;
                pair;
                tap;
                TunnelInterface kernelEnd = open(SPEC, pair);
                TunnelInterface tapEnd = far.call(() -> tap.open(
                        new TunnelSpec(7, 100, SPEC.peerSessionId(), SPEC.sessionId(), "l2tp7-100", 1446),
                        pair.peerSocket()))) {
            namespace.run("ip", "address", "add", "10.9.0.1/24", "dev", kernelEnd.name());
            namespace.run("ip", "link", "set", kernelEnd.name(), "up");
            far.run("ip", "address", "add", "10.9.0.2/24", "dev", tapEnd.name());
            far.run("ip", "link", "set", tapEnd.name(), "up");
            Process ping = new ProcessBuilder(
                            "ip",
                            "netns",
                            "exec",
                            far.name(),
                            "ping",
                            "-c",
                            "3",
                            "-i",
                            "0.2",
                            "-M",
                            "do",
                            "-s",
                            "1418",
                            "10.9.0.1")
                    .redirectErrorStream(true)
                    .start();
            pump(tapEnd, pair, ping);
            assertThat(ping.exitValue())
                    .as(new String(ping.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .isZero();
        }
    }

    @Test
    void wrapsFramesAsTheTapDatapathDoesAndPassesControlPacketsOn() throws Exception {
        try (TunnelInterface tunnel = open(SPEC);
                TapDevice other = namespace.call(() -> TapDevice.open("td-other"))) {
            namespace.run("ip", "link", "add", "td-br", "type", "bridge", "mcast_snooping", "0");
            for (String name : new String[] {tunnel.name(), "td-other"}) {
                namespace.run("ip", "link", "set", name, "master", "td-br", "up");
            }
            namespace.run("ip", "link", "set", "td-br", "up");
            byte[] frame = HexFormat.of().parseHex(FRAME);
            TestFrames.write(other, frame);
            assertThat(peer.receiveFrame("88b5")).isEqualTo("00030000" + "80000002" + "00000000" + FRAME);

            peer.send("00030000ffffff0100000000" + FRAME);
            awaitReadable(other.fd());
            assertThat(TestFrames.read(other)).isEqualTo(frame);

            peer.send("8073a7010502000100000000");
            awaitReadable(peer.tunnelSocket().fd());
            tunnel.deliver(new OffHeap(12), 0, 12);
            assertThat(tunnel.onReadable()).isZero();
            assertThat(datapath.drops().of(DropReason.NOT_OURS_TO_CARRY)).isEqualTo(1);
        }
    }

    @Test
    void everyFailureOfOpenLeavesNothing() throws Exception {
        namespace.run("ip", "link", "add", "l2tp101-1", "type", "bridge");
        TunnelInterface open = open(SPEC);
        // sockets that stay open, as closing one would remove its tunnel; one a failure, as the kernel holds on to them
        try (TestPeer first = TestPeer.in(namespace, false);
                TestPeer second = TestPeer.in(namespace, false);
                TestPeer third = TestPeer.in(namespace, false);
                TestPeer closed = TestPeer.in(namespace, false)) {
            closed.close();
            OpenResources before = OpenResources.in(namespace);
            // the tunnel's id is taken, and its owner keeps what it has
            failsToOpen(SPEC, first, Errno.EEXIST, "create L2TP tunnel 100");
            assertThat(OpenResources.in(namespace)).isEqualTo(before);
            // the socket carries a tunnel already
            failsToOpen(new TunnelSpec(101, 7, 1, 1, "l2tp101-7", 1446), peer, Errno.EBUSY, "create L2TP tunnel 101");
            assertThat(OpenResources.in(namespace)).isEqualTo(before);
            // an interface has the name: the tunnel exists by then
            failsToOpen(new TunnelSpec(102, 7, 1, 1, "l2tp101-1", 1446), second, Errno.EEXIST, "create L2TP session 1");
            awaitEqual(before, () -> OpenResources.in(namespace));
            // the MTU is refused: tunnel and interface exist by then
            failsToOpen(new TunnelSpec(103, 7, 1, 1, "l2tp103-1", 70_000), third, Errno.EINVAL, "set MTU");
            awaitEqual(before, () -> OpenResources.in(namespace));
            // the socket is closed: its descriptor must not make the kernel open a socket of its own
            failsToOpen(new TunnelSpec(105, 7, 1, 1, "l2tp105-1", 1446), closed, Errno.EBADF, "create L2TP tunnel 105");
            assertThat(OpenResources.in(namespace)).isEqualTo(before);
        }
        open.close();
    }

    @Test
    void closingGivesTheIdBackAfterAWhile() throws Exception {
        open(SPEC).close();
        peer.close();
        peer = TestPeer.in(namespace, false);
        long deadlineNanos = System.nanoTime() + 5_000_000_000L;
        while (true) {
            try {
                open(SPEC).close();
                return;
            } catch (NetlinkException e) {
                assertThat(e.errno()).isEqualTo(Errno.EEXIST);
                assertThat(System.nanoTime()).isLessThan(deadlineNanos);
            }
        }
    }

    @Test
    void closeNeverThrowsWhateverOthersDeleted() throws Exception {
        TunnelInterface tunnel = open(SPEC);
        namespace.run("ip", "l2tp", "delete", "tunnel", "tunnel_id", "100");
        tunnel.close();
        TunnelInterface another = open(new TunnelSpec(110, 7, 1, 1, "l2tp110-1", 1446), peerAfterDeletion());
        datapath.close();
        another.close();
    }

    @Test
    void removesLeftoversOfItsRangeAlone() throws Exception {
        namespace.run("ip", "link", "add", "l2tp120-1", "type", "bridge");
        namespace.run("ip", "tuntap", "add", "dev", "l2tp121-1", "mode", "tap");
        String[] ends = {"local", "127.0.0.1", "remote", "127.0.0.1"};
        for (int id : new int[] {99, 100, 149, 150}) {
            namespace.run(("ip l2tp add tunnel tunnel_id " + id + " peer_tunnel_id 1 encap udp udp_sport " + (9000 + id)
                            + " udp_dport 9 " + String.join(" ", ends))
                    .split(" "));
            namespace.run(("ip l2tp add session tunnel_id " + id + " session_id " + id + " peer_session_id 1 name l2tp"
                            + id + "-1")
                    .split(" "));
        }
        datapath.removeLeftovers(100, 50);
        try (L2tpNetlink l2tp = namespace.call(L2tpNetlink::open)) {
            assertThat(l2tp.tunnels()).extracting(L2tpNetlink.Tunnel::tunnelId).containsExactlyInAnyOrder(99L, 150L);
            assertThat(namespace.run("ip", "-o", "link"))
                    .contains("l2tp99-1:", "l2tp150-1:", "l2tp120-1:")
                    .doesNotContain("l2tp100-1:", "l2tp149-1:", "l2tp121-1:");
            // the TAP datapath removes them as well, in case the broker before was of the other kind
            try (TapDatapath tap = namespace.call(TapDatapath::open)) {
                namespace.call(() -> {
                    tap.removeLeftovers(99, 1);
                    return 0;
                });
            }
            assertThat(l2tp.tunnels()).isEqualTo(List.of(new L2tpNetlink.Tunnel(150, 1)));
        }
    }

    private TestPeer peerAfterDeletion() throws Exception {
        peer.close();
        peer = TestPeer.in(namespace, false);
        return peer;
    }

    private TunnelInterface open(TunnelSpec spec) throws Exception {
        return open(spec, peer);
    }

    private TunnelInterface open(TunnelSpec spec, TestPeer sockets) throws Exception {
        return datapath.open(spec, sockets.tunnelSocket());
    }

    private void failsToOpen(TunnelSpec spec, TestPeer sockets, int errno, String operation) {
        assertThatThrownBy(() -> open(spec, sockets)).isInstanceOfSatisfying(NativeException.class, e -> {
            assertThat(e).hasMessageContaining(operation);
            assertThat(e.errno()).isEqualTo(errno);
        });
    }

    private static void pump(TunnelInterface tap, TestPeer pair, Process until) throws Exception {
        Datagram datagram = new Datagram();
        try (Epoll epoll = Epoll.open()) {
            epoll.add(tap.readableFd(), Epoll.IN, 0);
            epoll.add(pair.peerSocket().fd(), Epoll.IN, 1);
            while (until.isAlive()) {
                epoll.await(50_000_000);
                tap.onReadable();
                while (pair.peerSocket().receive(datagram) >= 0) {
                    tap.deliver(datagram.memory(), 0, datagram.length());
                    tap.flush();
                }
            }
        }
    }

    private static void awaitReadable(int fd) throws Exception {
        try (Epoll epoll = Epoll.open()) {
            epoll.add(fd, Epoll.IN, 0);
            assertThat(epoll.await(5_000_000_000L)).isEqualTo(1);
        }
    }

    private static <T> void awaitEqual(T expected, Callable<T> actual) throws Exception {
        long deadlineNanos = System.nanoTime() + 5_000_000_000L;
        while (System.nanoTime() < deadlineNanos && !expected.equals(actual.call())) {
            Thread.sleep(10);
        }
        assertThat(actual.call()).isEqualTo(expected);
    }
}
