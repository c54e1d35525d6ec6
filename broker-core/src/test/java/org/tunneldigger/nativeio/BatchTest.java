// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.nativeio;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tunneldigger.protocol.Endpoint;

/** Many datagrams by one call, over loopback: what was sent has come when the call returns. */
class BatchTest {
    private static final Endpoint LOOPBACK = Endpoint.v4(0x7F000001, 0);
    private static final Endpoint OTHER_LOOPBACK = Endpoint.v4(0x7F000002, 0);
    private static final Endpoint LOOPBACK_V6 = Endpoint.v6(0, 1, 0, 0);

    private final Deque<UdpSocket> sockets = new ArrayDeque<>();
    private final OutgoingBatch outgoing = new OutgoingBatch(4, 16);
    private final DatagramBatch incoming = new DatagramBatch(3);

    @AfterEach
    void closeSockets() {
        sockets.forEach(UdpSocket::close);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void manyGoToTheirOwnDestinationsFromTheAddressesAsked(boolean v6) throws Exception {
        UdpSocket server = open(v6);
        server.packetInfo();
        server.bind(v6 ? Endpoint.v6(0, 0, 0, 0) : Endpoint.v4(0, 0));
        UdpSocket one = bound(v6 ? LOOPBACK_V6 : LOOPBACK);
        UdpSocket other = bound(v6 ? LOOPBACK_V6 : OTHER_LOOPBACK);
        Endpoint from = v6 ? LOOPBACK_V6 : OTHER_LOOPBACK;
        add("to one", one.localEndpoint(), from);
        add("to the other", other.localEndpoint(), null);
        add("one again", one.localEndpoint(), from);

        assertThat(server.send(outgoing, 0)).isEqualTo(3);

        assertThat(one.receive(incoming)).isEqualTo(2);
        assertThat(text(0)).isEqualTo("to one");
        assertThat(text(1)).isEqualTo("one again");
        assertThat(incoming.get(1).remote())
                .isEqualTo(from.withPort(server.localEndpoint().port()));
        assertThat(other.receive(incoming)).isEqualTo(1);
        assertThat(text(0)).isEqualTo("to the other");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void eachDatagramHasItsOwnAddresses(boolean v6) throws Exception {
        UdpSocket server = open(v6);
        server.packetInfo();
        server.bind(v6 ? Endpoint.v6(0, 0, 0, 0) : Endpoint.v4(0, 0));
        int port = server.localEndpoint().port();
        Endpoint asked = (v6 ? LOOPBACK_V6 : OTHER_LOOPBACK).withPort(port);
        Endpoint askedNext = (v6 ? LOOPBACK_V6 : LOOPBACK).withPort(port);
        UdpSocket one = bound(v6 ? LOOPBACK_V6 : LOOPBACK);
        UdpSocket other = bound(v6 ? LOOPBACK_V6 : OTHER_LOOPBACK);
        one.sendTo(bytes("first"), asked, null);
        other.sendTo(bytes("second"), askedNext, null);

        assertThat(server.receive(incoming)).isEqualTo(2);
        assertThat(text(0)).isEqualTo("first");
        assertThat(incoming.get(0).remote()).isEqualTo(one.localEndpoint());
        assertThat(incoming.get(0).local()).isEqualTo(asked);
        assertThat(text(1)).isEqualTo("second");
        assertThat(incoming.get(1).remote()).isEqualTo(other.localEndpoint());
        assertThat(incoming.get(1).local()).isEqualTo(askedNext);
    }

    @Test
    void whatDoesNotFitIsLeftForTheNextReceive() throws Exception {
        UdpSocket server = bound(LOOPBACK);
        UdpSocket client = connected(server);
        for (int i = 0; i < 4; i++) {
            add("number " + i, null, null);
        }
        assertThat(outgoing.isFull()).isTrue();
        assertThat(client.send(outgoing, 0)).isEqualTo(4);

        assertThat(server.receive(incoming)).isEqualTo(3);
        assertThat(text(2)).isEqualTo("number 2");
        assertThat(server.receive(incoming)).isEqualTo(1);
        assertThat(text(0)).isEqualTo("number 3");
        assertThat(server.receive(incoming)).isEqualTo(-Errno.EAGAIN);
    }

    @Test
    void aBatchIsUsedAgainWhateverItHeldBefore() throws Exception {
        UdpSocket server = bound(LOOPBACK);
        UdpSocket client = connected(server);
        String longer = "x".repeat(DatagramBatch.CAPACITY + 1);
        client.send(bytes(longer));
        assertThat(server.receive(incoming)).isEqualTo(1);
        assertThat(incoming.get(0).length()).isEqualTo(DatagramBatch.CAPACITY);

        add("long text", server.localEndpoint(), LOOPBACK);
        outgoing.clear();
        add("short", null, null);
        client.send(outgoing, 0);
        assertThat(outgoing.size()).isEqualTo(1);
        assertThat(server.receive(incoming)).isEqualTo(1);
        assertThat(text(0)).isEqualTo("short");
        assertThat(incoming.get(0).pieceLength()).isEqualTo(5);
        assertThat(incoming.get(0).remote()).isEqualTo(client.localEndpoint());
    }

    @Test
    void sendsTheGivenPartAndStopsAtWhatFails() throws Exception {
        UdpSocket server = bound(LOOPBACK);
        UdpSocket client = bound(LOOPBACK);
        add("left out", server.localEndpoint(), null);
        add("sent", server.localEndpoint(), null);
        add("failing", Endpoint.v4(0, 0), null); // port 0 is nobody's
        add("behind it", server.localEndpoint(), null);

        assertThat(client.send(outgoing, 1, 1)).isEqualTo(1);
        assertThat(client.send(outgoing, 1)).isEqualTo(1);
        assertThat(client.send(outgoing, 2)).isEqualTo(-Errno.EINVAL);
        assertThat(client.send(outgoing, 3)).isEqualTo(1);
        assertThat(server.receive(incoming)).isEqualTo(3);
        assertThat(text(1)).isEqualTo("sent");
        assertThat(text(2)).isEqualTo("behind it");
    }

    private void add(String text, @Nullable Endpoint to, @Nullable Endpoint from) {
        outgoing.next().clear().put(text.getBytes(StandardCharsets.US_ASCII)).flip();
        outgoing.add(to, from);
    }

    private String text(int i) {
        return StandardCharsets.US_ASCII
                .decode(incoming.get(i).buffer().duplicate())
                .toString();
    }

    private static ByteBuffer bytes(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
    }

    private UdpSocket open(boolean v6) throws NativeException {
        UdpSocket socket = UdpSocket.open(v6);
        sockets.add(socket);
        if (v6) {
            socket.v6Only();
        }
        return socket;
    }

    private UdpSocket bound(Endpoint endpoint) throws NativeException {
        UdpSocket socket = open(endpoint.v6());
        socket.packetInfo();
        socket.bind(endpoint);
        return socket;
    }

    private UdpSocket connected(UdpSocket server) throws NativeException {
        UdpSocket socket = open(false);
        socket.connect(server.localEndpoint());
        return socket;
    }
}
