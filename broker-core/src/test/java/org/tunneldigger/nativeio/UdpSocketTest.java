// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.nativeio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tunneldigger.protocol.Endpoint;

class UdpSocketTest {
    private static final Endpoint LOOPBACK = Endpoint.v4(0x7F000001, 0);
    private static final Endpoint LOOPBACK_V6 = Endpoint.v6(0, 1, 0, 0);
    private static final Endpoint OTHER_LOOPBACK = Endpoint.v4(0x7F000002, 0);

    private final Deque<UdpSocket> sockets = new ArrayDeque<>();
    private final Datagram datagram = new Datagram();

    @AfterEach
    void closeSockets() {
        sockets.forEach(UdpSocket::close);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void carriesDatagramsAndTellsTheirEndpoints(boolean v6) throws Exception {
        UdpSocket server = bound(v6 ? LOOPBACK_V6 : LOOPBACK);
        UdpSocket client = bound(v6 ? LOOPBACK_V6 : LOOPBACK);
        assertThat(server.localEndpoint().port()).isPositive();

        assertThat(client.sendTo(bytes("hello"), server.localEndpoint(), null)).isEqualTo(5);
        assertThat(await(server)).isEqualTo(5);
        assertThat(text()).isEqualTo("hello");
        assertThat(datagram.pieceLength()).isEqualTo(5);
        assertThat(datagram.remote()).isEqualTo(client.localEndpoint());
        assertThat(datagram.local()).isEqualTo(server.localEndpoint());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void connectedSocketsTellThePeerToo(boolean v6) throws Exception {
        UdpSocket server = bound(v6 ? LOOPBACK_V6 : LOOPBACK);
        UdpSocket client = bound(v6 ? LOOPBACK_V6 : LOOPBACK);
        server.connect(client.localEndpoint());
        client.connect(server.localEndpoint());

        ByteBuffer payload = bytes("..peer..");
        payload.position(2).limit(6);
        assertThat(client.send(payload)).isEqualTo(4);
        assertThat(payload.position()).isEqualTo(2);
        assertThat(payload.limit()).isEqualTo(6);
        assertThat(await(server)).isEqualTo(4);
        assertThat(text()).isEqualTo("peer");
        assertThat(datagram.remote()).isEqualTo(client.localEndpoint());
    }

    @Test
    void wildcardSocketLearnsTheAddressAskedAndAnswersFromIt() throws Exception {
        UdpSocket server = open(false);
        server.packetInfo();
        server.bind(Endpoint.v4(0, 0));
        Endpoint asked = OTHER_LOOPBACK.withPort(server.localEndpoint().port());
        UdpSocket client = bound(LOOPBACK);

        client.sendTo(bytes("?"), asked, null);
        await(server);
        assertThat(datagram.local()).isEqualTo(asked);
        server.sendTo(bytes("!"), datagram.remote(), datagram.local());
        await(client);
        assertThat(text()).isEqualTo("!");
        assertThat(datagram.remote()).isEqualTo(asked);
    }

    @Test
    void wildcardSocketLearnsTheAddressAskedOverIpv6() throws Exception {
        UdpSocket server = open(true);
        server.v6Only();
        server.packetInfo();
        server.bind(Endpoint.v6(0, 0, 0, 0));
        Endpoint asked = LOOPBACK_V6.withPort(server.localEndpoint().port());
        UdpSocket client = bound(LOOPBACK_V6);

        client.sendTo(bytes("?"), asked, null);
        await(server);
        assertThat(datagram.local()).isEqualTo(asked);
        server.sendTo(bytes("!"), datagram.remote(), datagram.local());
        await(client);
        assertThat(datagram.remote()).isEqualTo(asked);
    }

    @Test
    void v6OnlyLeavesThePortToIpv4() throws Exception {
        UdpSocket v6 = open(true);
        v6.v6Only();
        v6.bind(Endpoint.v6(0, 0, 0, 0));
        bound(Endpoint.v4(0, v6.localEndpoint().port()));
    }

    @Test
    void errorsAreNegativeNumbers() throws Exception {
        UdpSocket socket = bound(LOOPBACK);
        assertThat(socket.receive(datagram)).isEqualTo(-Errno.EAGAIN);
        assertThat(datagram.length()).isZero();

        UdpSocket gone = bound(LOOPBACK);
        socket.connect(gone.localEndpoint());
        gone.close();
        assertThat(socket.send(bytes("x"))).isEqualTo(1);
        assertThat(await(socket)).isEqualTo(-Errno.ECONNREFUSED);
        socket.close();
        assertThat(socket.send(bytes("x"))).isEqualTo(-Errno.EBADF);
        assertThat(socket.receive(datagram)).isEqualTo(-Errno.EBADF);
    }

    @Test
    void takesTheLongestDatagramWhole() throws Exception {
        UdpSocket server = bound(LOOPBACK);
        UdpSocket client = bound(LOOPBACK);
        int longest = 65_535 - 20 - 8;
        assertThat(client.sendTo(ByteBuffer.allocateDirect(longest), server.localEndpoint(), null))
                .isEqualTo(longest);
        assertThat(await(server)).isEqualTo(longest);
        assertThat(datagram.pieceLength()).isEqualTo(longest);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void sendsManyDatagramsByOneCallAndReceivesThemSoWhereAsked(boolean v6) throws Exception {
        UdpSocket server = bound(v6 ? LOOPBACK_V6 : LOOPBACK);
        UdpSocket client = bound(v6 ? LOOPBACK_V6 : LOOPBACK);
        client.connect(server.localEndpoint());
        OffHeap memory = new OffHeap(100);
        for (int i = 0; i < 100; i++) {
            memory.network.put(i, (byte) i);
        }
        IoVector pieces = new IoVector(3);
        pieces.add(memory, 50, 15);
        pieces.add(memory, 0, 25);
        pieces.add(memory, 70, 10);
        assertThat(client.sendTrain(pieces, 20)).isEqualTo(50);
        for (int length : new int[] {20, 20, 10}) {
            assertThat(await(server)).isEqualTo(length);
        }
        server.receiveTrains();
        assertThat(client.sendTrain(pieces, 20)).isEqualTo(50);
        assertThat(await(server)).isEqualTo(50);
        assertThat(datagram.pieceLength()).isEqualTo(20);
        for (int i = 0; i < 50; i++) {
            int expected = i < 15 ? 50 + i : i < 40 ? i - 15 : 30 + i;
            assertThat(datagram.memory().network.get(i)).as("byte %d", i).isEqualTo((byte) expected);
        }
        assertThat(client.send(pieces, 1, 3)).isEqualTo(35);
        assertThat(await(server)).isEqualTo(35);
        assertThat(datagram.pieceLength()).isEqualTo(35);
    }

    @Test
    void setupErrorsNameTheOperation() throws Exception {
        UdpSocket first = bound(LOOPBACK);
        assertThatThrownBy(() -> bound(first.localEndpoint()))
                .isInstanceOf(NativeException.class)
                .hasMessage("bind " + first.localEndpoint() + ": EADDRINUSE (Address already in use)");
        assertThatThrownBy(() -> open(false).bindToDevice("td-none"))
                .isInstanceOf(NativeException.class)
                .hasMessage("SO_BINDTODEVICE td-none: ENODEV (No such device)");
    }

    @Test
    void aFailedConnectKeepsThePeersAddressToItself() throws Exception {
        UdpSocket socket = bound(LOOPBACK);
        assertThatThrownBy(() -> socket.connect(Endpoint.v4(0xFFFFFFFF, 9)))
                .isInstanceOf(NativeException.class)
                .hasMessage("connect: EACCES (Permission denied)");
    }

    @Test
    void boundToOneDeviceOnly() throws Exception {
        UdpSocket socket = open(false);
        socket.bindToDevice("lo");
        socket.receiveBuffer(1 << 20);
        socket.probeMtu();
        socket.bind(LOOPBACK);
        bound(LOOPBACK).sendTo(bytes("x"), socket.localEndpoint(), null);
        assertThat(await(socket)).isEqualTo(1);
    }

    /** Without the program the kernel spreads strangers over all unconnected sockets of the group. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void listenerKeepsStrangersWhileASessionSocketIsBoundButNotConnected(boolean v6) throws Exception {
        Endpoint any = v6 ? LOOPBACK_V6 : LOOPBACK;
        UdpSocket listener = open(v6);
        listener.reusePort();
        listener.pickFirstOfGroup();
        listener.bind(any);
        UdpSocket session = open(v6);
        session.reusePort();
        session.bind(listener.localEndpoint());

        int strangers = 64;
        for (int i = 0; i < strangers; i++) {
            assertThat(bound(any).sendTo(bytes("stranger"), listener.localEndpoint(), null))
                    .isPositive();
        }
        assertThat(countReceived(listener)).isEqualTo(strangers);
        assertThat(session.receive(datagram)).isEqualTo(-Errno.EAGAIN);

        UdpSocket peer = bound(any);
        session.connect(peer.localEndpoint());
        peer.sendTo(bytes("mine"), listener.localEndpoint(), null);
        assertThat(await(session)).isEqualTo(4);
        assertThat(listener.receive(datagram)).isEqualTo(-Errno.EAGAIN);
    }

    private int countReceived(UdpSocket socket) {
        int count = 0;
        while (socket.receive(datagram) >= 0) {
            count++;
        }
        return count;
    }

    private int await(UdpSocket socket) throws Exception {
        try (Epoll epoll = Epoll.open()) {
            epoll.add(socket.fd(), Epoll.IN, 0);
            assertThat(epoll.await(2_000_000_000L)).isEqualTo(1);
        }
        return socket.receive(datagram);
    }

    private String text() {
        return StandardCharsets.UTF_8.decode(datagram.buffer()).toString();
    }

    private UdpSocket bound(Endpoint endpoint) throws NativeException {
        UdpSocket socket = open(endpoint.v6());
        socket.bind(endpoint);
        return socket;
    }

    private UdpSocket open(boolean v6) throws NativeException {
        UdpSocket socket = UdpSocket.open(v6);
        sockets.add(socket);
        return socket;
    }

    private static ByteBuffer bytes(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
    }
}
