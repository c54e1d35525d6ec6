// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tunneldigger.broker.RunningBroker.Choices;
import org.tunneldigger.nativeio.Datagram;
import org.tunneldigger.nativeio.Epoll;
import org.tunneldigger.nativeio.IoVector;
import org.tunneldigger.nativeio.OffHeap;
import org.tunneldigger.nativeio.UdpSocket;
import org.tunneldigger.protocol.ControlCodec;
import org.tunneldigger.protocol.ControlMessage;
import org.tunneldigger.protocol.ControlMessage.Cookie;
import org.tunneldigger.protocol.ControlMessage.PmtudAck;
import org.tunneldigger.protocol.ControlMessage.Prepare;
import org.tunneldigger.protocol.ControlMessage.Tunnel;
import org.tunneldigger.protocol.Decoded;

/** Several datagrams that one receive brings. */
@Timeout(60)
class TrainTest {
    @Test
    void datagramsThatCameTogetherAreHandledOneByOne() throws Exception {
        try (RunningBroker running = new RunningBroker(Choices.defaults());
                UdpSocket client = UdpSocket.open(false)) {
            client.connect(running.endpoint());
            Datagram received = new Datagram();
            send(client, new Cookie(1));
            Cookie cookie = (Cookie) next(client, received, Cookie.class);
            send(client, new Prepare(cookie.value(), "train", OptionalLong.of(1), OptionalLong.of(1)));
            next(client, received, Tunnel.class);

            // 20 bytes each: data, a probe to acknowledge, data; then a shorter keepalive
            byte[] train = HexFormat.of()
                    .parseHex("0003000000000001" + "00".repeat(12)
                            + "8073a7010600" + "00".repeat(14)
                            + "0003000000000002" + "00".repeat(12)
                            + "8073a701050400000001" + "0000");
            OffHeap memory = new OffHeap(train.length);
            memory.network().put(0, train);
            IoVector pieces = new IoVector(1);
            pieces.add(memory, 0, train.length);
            assertThat(client.sendTrain(pieces, 20)).isEqualTo(train.length);
            PmtudAck ack = (PmtudAck) next(client, received, PmtudAck.class);
            assertThat(ack.datagramLength()).isEqualTo(20);
            RunningBroker.await(
                    "the end of the train",
                    () -> running.datapath.events.lastIndexOf("flush 100")
                            > running.datapath.events.indexOf("data 100 20"));
            assertThat(running.datapath.events).containsSequence("data 100 20", "data 100 20", "flush 100");
        }
    }

    private static void send(UdpSocket socket, ControlMessage message) {
        ByteBuffer out = ByteBuffer.allocateDirect(2048);
        ControlCodec.encode(message, out);
        assertThat(socket.send(out)).isPositive();
    }

    /** The next message of this kind; others are passed over. */
    private static Decoded next(UdpSocket socket, Datagram datagram, Class<?> kind) throws Exception {
        try (Epoll epoll = Epoll.open()) {
            epoll.add(socket.fd(), Epoll.IN, 0);
            long endNanos = System.nanoTime() + 5_000_000_000L;
            while (System.nanoTime() - endNanos < 0) {
                epoll.await(100_000_000);
                while (socket.receive(datagram) >= 0) {
                    Decoded decoded = ControlCodec.decode(datagram.buffer(), datagram.length());
                    if (kind.isInstance(decoded)) {
                        return decoded;
                    }
                }
            }
        }
        throw new AssertionError("no " + kind.getSimpleName());
    }
}
