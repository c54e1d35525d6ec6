// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.datapath.tap;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.MessageDigest;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tunneldigger.datapath.TestPeer;
import org.tunneldigger.datapath.TunnelInterface;
import org.tunneldigger.datapath.TunnelSpec;
import org.tunneldigger.nativeio.Datagram;
import org.tunneldigger.nativeio.Epoll;
import org.tunneldigger.nativeio.TestNamespace;
import org.tunneldigger.nativeio.UdpSocket;

/** The kernel's TCP through two TAP tunnels that are each other's peer, in namespaces of their own. */
class TcpThroughTunnelTest {
    private static final int BYTES = 20_000_000;
    private static final int PORT = 7000;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final AtomicBoolean stopped = new AtomicBoolean();
    private TestNamespace outside;
    private TestNamespace near;
    private TestNamespace far;
    private TestPeer sockets;
    private TapDatapath nearDatapath;
    private TapDatapath farDatapath;
    private End nearEnd;
    private End farEnd;
    private CompletableFuture<Void> pump = CompletableFuture.completedFuture(null);

    /** A tunnel, its socket, and what was seen of what it received. */
    private static final class End {
        final TunnelInterface tunnel;
        final UdpSocket socket;
        long receives;
        long bytes;

        End(TunnelInterface tunnel, UdpSocket socket) {
            this.tunnel = tunnel;
            this.socket = socket;
        }
    }

    @BeforeEach
    void join() throws Exception {
        outside = TestNamespace.create();
        near = TestNamespace.create();
        far = TestNamespace.create();
        sockets = TestPeer.in(outside, false);
        nearDatapath = near.call(TapDatapath::open);
        farDatapath = far.call(TapDatapath::open);
        nearEnd = end(near, nearDatapath, new TunnelSpec(100, 200, 1, 2, "l2tp0", 1446), sockets.tunnelSocket(), 1);
        farEnd = end(far, farDatapath, new TunnelSpec(200, 100, 2, 1, "l2tp0", 1446), sockets.peerSocket(), 2);
    }

    private static End end(TestNamespace namespace, TapDatapath datapath, TunnelSpec spec, UdpSocket socket, int host)
            throws Exception {
        TunnelInterface tunnel = namespace.call(() -> datapath.open(spec, socket));
        namespace.run("ip", "address", "add", "10.99.0." + host + "/24", "dev", "l2tp0");
        namespace.run("ip", "address", "add", "fd00::" + host + "/64", "dev", "l2tp0", "nodad");
        namespace.run("ip", "link", "set", "l2tp0", "up");
        return new End(tunnel, socket);
    }

    @AfterEach
    void part() throws Exception {
        stopped.set(true);
        pump.get(10, TimeUnit.SECONDS);
        threads.shutdownNow();
        nearEnd.tunnel.close();
        farEnd.tunnel.close();
        nearDatapath.close();
        farDatapath.close();
        sockets.close();
        near.close();
        far.close();
        outside.close();
    }

    @ParameterizedTest
    @CsvSource({"10.99.0.1, false", "fd00::1, false", "10.99.0.1, true"})
    void whatIsSentArrives(String address, boolean oneByOne) throws Exception {
        if (oneByOne) {
            ((TapTunnel) nearEnd.tunnel).sendTrainsNoMore();
            ((TapTunnel) farEnd.tunnel).sendTrainsNoMore();
        }
        carry();
        InetAddress server = InetAddress.getByName(address);
        CompletableFuture<String> received = start(near, () -> {
            try (ServerSocket socket = new ServerSocket(PORT, 1, server);
                    Socket connection = socket.accept();
                    InputStream in = connection.getInputStream()) {
                return digest(in.readAllBytes());
            }
        });
        byte[] content = new byte[BYTES];
        new Random(3).nextBytes(content);
        start(far, () -> {
                    try (Socket connection = connected(new InetSocketAddress(server, PORT))) {
                        connection.getOutputStream().write(content);
                        return "";
                    }
                })
                .get(60, TimeUnit.SECONDS);
        assertThat(received.get(60, TimeUnit.SECONDS)).isEqualTo(digest(content));
        assertThat(nearEnd.bytes).isGreaterThan(BYTES);
        long meanReceive = nearEnd.bytes / nearEnd.receives;
        if (oneByOne) {
            assertThat(meanReceive).isLessThan(1500);
        } else {
            assertThat(meanReceive).as("datagrams come in trains").isGreaterThan(3000);
        }
    }

    @Test
    void datagramsOfUdpHaveTheirChecksum() throws Exception {
        carry();
        // ping's checksum is in the frame, that of UDP is left to the device: the receiver drops what is wrong
        CompletableFuture<String> answer = start(near, () -> {
            try (var socket = new java.net.DatagramSocket(PORT, InetAddress.getByName("10.99.0.1"))) {
                var packet = new java.net.DatagramPacket(new byte[100], 100);
                socket.setSoTimeout(20_000);
                socket.receive(packet);
                return new String(packet.getData(), 0, packet.getLength(), java.nio.charset.StandardCharsets.UTF_8);
            }
        });
        start(far, () -> {
                    try (var socket = new java.net.DatagramSocket()) {
                        byte[] text = "odd".getBytes(java.nio.charset.StandardCharsets.UTF_8);
                        for (int i = 0; i < 100 && !answer.isDone(); i++) {
                            socket.send(new java.net.DatagramPacket(
                                    text, text.length, InetAddress.getByName("10.99.0.1"), PORT));
                            Thread.sleep(100);
                        }
                        return "";
                    }
                })
                .get(60, TimeUnit.SECONDS);
        assertThat(answer.get(60, TimeUnit.SECONDS)).isEqualTo("odd");
    }

    /** As the broker's loop would, for both ends. */
    private void carry() {
        pump = CompletableFuture.runAsync(
                () -> {
                    try (Epoll epoll = Epoll.open()) {
                        epoll.add(nearEnd.tunnel.readableFd(), Epoll.IN, 0);
                        epoll.add(farEnd.tunnel.readableFd(), Epoll.IN, 1);
                        epoll.add(nearEnd.socket.fd(), Epoll.IN, 2);
                        epoll.add(farEnd.socket.fd(), Epoll.IN, 3);
                        Datagram datagram = new Datagram();
                        while (!stopped.get()) {
                            int ready = epoll.await(50_000_000);
                            for (int i = 0; i < ready; i++) {
                                End end = epoll.token(i) % 2 == 0 ? nearEnd : farEnd;
                                if (epoll.token(i) < 2) {
                                    end.tunnel.onReadable();
                                } else {
                                    deliver(end, datagram);
                                }
                            }
                        }
                    } catch (Exception e) {
                        throw new AssertionError(e);
                    }
                },
                threads);
    }

    private static void deliver(End end, Datagram datagram) {
        if (end.socket.receive(datagram) < 0) {
            return;
        }
        end.receives++;
        end.bytes += datagram.length();
        for (int at = 0; at < datagram.length(); at += datagram.pieceLength()) {
            int length = Math.min(datagram.pieceLength(), datagram.length() - at);
            end.tunnel.deliver(datagram.memory(), at, length);
        }
        end.tunnel.flush();
    }

    /** The server's socket may not be there yet. */
    private static Socket connected(InetSocketAddress server) throws Exception {
        for (int i = 0; ; i++) {
            try {
                Socket socket = new Socket();
                socket.connect(server, 10_000);
                return socket;
            } catch (java.net.ConnectException e) {
                if (i == 100) {
                    throw e;
                }
                Thread.sleep(100);
            }
        }
    }

    private CompletableFuture<String> start(TestNamespace namespace, Callable<String> body) {
        CompletableFuture<String> result = new CompletableFuture<>();
        threads.execute(() -> {
            try {
                result.complete(namespace.call(body));
            } catch (Exception e) {
                result.completeExceptionally(e);
            }
        });
        return result;
    }

    private static String digest(byte[] content) throws Exception {
        return java.util.HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    }
}
