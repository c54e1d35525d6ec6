// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.broker;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.tunneldigger.protocol.ControlCodec;
import org.tunneldigger.protocol.ControlMessage;
import org.tunneldigger.protocol.ControlMessage.Cookie;
import org.tunneldigger.protocol.ControlMessage.Prepare;
import org.tunneldigger.protocol.Decoded;
import org.tunneldigger.protocol.Endpoint;

/** One UDP socket that speaks the client's half of the protocol, a packet at a time. */
final class TestClient implements AutoCloseable {
    private final DatagramSocket socket;

    TestClient(Endpoint broker) throws IOException {
        InetSocketAddress address = broker.toSocketAddress();
        socket = new DatagramSocket();
        socket.connect(address);
    }

    Endpoint endpoint() {
        return Endpoint.of((InetSocketAddress) socket.getLocalSocketAddress());
    }

    void send(ControlMessage message) throws IOException {
        ByteBuffer out = ByteBuffer.allocate(2048);
        ControlCodec.encode(message, out);
        sendRaw(Arrays.copyOf(out.array(), out.limit()));
    }

    void sendRaw(byte[] bytes) throws IOException {
        socket.send(new DatagramPacket(bytes, bytes.length));
    }

    /** The next datagram, or null if none comes within this time. */
    byte @Nullable [] receiveRaw(int millis) throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[4096], 4096);
        socket.setSoTimeout(millis);
        try {
            socket.receive(packet);
            return Arrays.copyOf(packet.getData(), packet.getLength());
        } catch (SocketTimeoutException e) {
            return null;
        }
    }

    Decoded receive() throws IOException {
        byte[] bytes = receiveRaw(5_000);
        if (bytes == null) {
            throw new AssertionError("no answer within 5 s");
        }
        return ControlCodec.decode(ByteBuffer.wrap(bytes), bytes.length);
    }

    /** The next message of this kind; others are passed over. */
    <T extends ControlMessage> T receive(Class<T> kind) throws IOException {
        while (true) {
            Decoded decoded = receive();
            if (kind.isInstance(decoded)) {
                return kind.cast(decoded);
            }
        }
    }

    boolean hearsNothing() throws IOException {
        return receiveRaw(150) == null;
    }

    long cookie() throws IOException {
        send(new Cookie(0x5858585858585858L));
        return receive(Cookie.class).value();
    }

    /** Asks for a tunnel as today's clients do, and takes the first answer. */
    ControlMessage prepare(String uuid) throws IOException {
        send(new Prepare(cookie(), uuid, OptionalLong.of(1), OptionalLong.of(1)));
        return (ControlMessage) receive();
    }

    @Override
    public void close() {
        socket.close();
    }
}
