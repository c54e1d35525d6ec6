// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.datapath;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.tunneldigger.nativeio.Datagram;
import org.tunneldigger.nativeio.Epoll;
import org.tunneldigger.nativeio.TestNamespace;
import org.tunneldigger.nativeio.UdpSocket;
import org.tunneldigger.protocol.Endpoint;

/** Two UDP sockets in one namespace, connected to each other: the tunnel's own and its peer's, who sees the raw packets. */
public final class TestPeer implements AutoCloseable {
    private static final int LOOPBACK = 0x7F000001;

    private final UdpSocket tunnelSocket;
    private final UdpSocket peerSocket;
    private final Datagram datagram = new Datagram();

    private TestPeer(UdpSocket tunnelSocket, UdpSocket peerSocket) {
        this.tunnelSocket = tunnelSocket;
        this.peerSocket = peerSocket;
    }

    public static TestPeer in(TestNamespace namespace, boolean v6) throws Exception {
        return namespace.call(() -> {
            UdpSocket first = bound(v6);
            UdpSocket second = bound(v6);
            first.connect(second.localEndpoint());
            second.connect(first.localEndpoint());
            first.probeMtu();
            return new TestPeer(first, second);
        });
    }

    /** The socket that the datapath is given. */
    public UdpSocket tunnelSocket() {
        return tunnelSocket;
    }

    public UdpSocket peerSocket() {
        return peerSocket;
    }

    /** Sends a packet of hexadecimal digits to the tunnel. */
    public void send(String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        peerSocket.send(ByteBuffer.allocateDirect(bytes.length).put(bytes).flip());
    }

    /** The next packet from the tunnel that carries the EtherType, in hexadecimal; others (IPv6 chatter) are skipped. */
    public String receiveFrame(String etherType) throws Exception {
        try (Epoll epoll = Epoll.open()) {
            epoll.add(peerSocket.fd(), Epoll.IN, 0);
            long deadlineNanos = System.nanoTime() + 2_000_000_000L;
            while (System.nanoTime() < deadlineNanos) {
                epoll.await(deadlineNanos - System.nanoTime());
                if (peerSocket.receive(datagram) < 0) {
                    continue;
                }
                String hex = hex(datagram);
                if (hex.startsWith(etherType, 2 * (12 + 12))) {
                    return hex;
                }
            }
        }
        throw new AssertionError("no frame of type " + etherType);
    }

    public static String hex(Datagram datagram) {
        byte[] bytes = new byte[datagram.length()];
        datagram.buffer().get(0, bytes);
        return HexFormat.of().formatHex(bytes);
    }

    @Override
    public void close() {
        tunnelSocket.close();
        peerSocket.close();
    }

    private static UdpSocket bound(boolean v6) throws Exception {
        UdpSocket socket = UdpSocket.open(v6);
        socket.bind(v6 ? Endpoint.v6(0, 1, 0, 0) : Endpoint.v4(LOOPBACK, 0));
        return socket;
    }
}
