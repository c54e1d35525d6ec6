// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tunneldigger.broker.RunningBroker.Choices;
import org.tunneldigger.nativeio.Datagram;
import org.tunneldigger.nativeio.Errno;
import org.tunneldigger.nativeio.UdpSocket;
import org.tunneldigger.protocol.ControlCodec;
import org.tunneldigger.protocol.ControlMessage;
import org.tunneldigger.protocol.ControlMessage.Cookie;
import org.tunneldigger.protocol.ControlMessage.Prepare;
import org.tunneldigger.protocol.ControlMessage.Tunnel;
import org.tunneldigger.protocol.Endpoint;

/** Strangers who come many at a time are answered many at a time, and each as if alone. */
@Timeout(60)
class ReplyBatchTest {
    private static final int REQUESTS = 50;

    @Test
    void eachOfACrowdGetsItsOwnAnswersWhileAnotherGetsATunnel() throws Exception {
        try (RunningBroker running = new RunningBroker(Choices.defaults().withAddresses("0.0.0.0", "::"))) {
            int port = running.endpoint().port();
            List<TestClient> clients = new ArrayList<>();
            for (Endpoint broker :
                    List.of(Endpoint.v4(0x7F000001, port), Endpoint.v4(0x7F000002, port), Endpoint.v6(0, 1, 0, port))) {
                clients.add(new TestClient(broker));
            }
            TestClient tunneller = new TestClient(Endpoint.v4(0x7F000001, port));
            Prepare prepare = new Prepare(tunneller.cookie(), "node", OptionalLong.of(1), OptionalLong.of(1));

            // while the loop is held up, all of it arrives
            CountDownLatch arrived = new CountDownLatch(1);
            Thread holding = new Thread(() -> {
                try {
                    running.inLoop(() -> arrived.await(10, TimeUnit.SECONDS));
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            holding.start();
            for (int i = 0; i < REQUESTS; i++) {
                for (TestClient client : clients) {
                    client.send(new Cookie(0));
                }
                if (i == REQUESTS / 2) {
                    tunneller.send(prepare);
                }
            }
            arrived.countDown();
            holding.join();

            assertThat(tunneller.receive(Tunnel.class)).isEqualTo(new Tunnel(100, OptionalLong.of(1)));
            Set<Long> cookies = new HashSet<>();
            for (TestClient client : clients) {
                Set<Long> own = new HashSet<>();
                for (int i = 0; i < REQUESTS; i++) {
                    own.add(client.receive(Cookie.class).value());
                }
                assertThat(own).as("cookies of one client").hasSize(1);
                cookies.addAll(own);
                assertThat(client.hearsNothing()).isTrue();
                client.close();
            }
            assertThat(cookies).as("cookies of all clients").hasSize(clients.size());
            assertThat(running.inLoop(() -> running.broker.counters().of(BrokerCounters.Event.REPLIES_NOT_SENT)))
                    .isZero();
            tunneller.close();
        }
    }

    @Test
    void anAnswerThatCannotLeaveIsCountedAndHoldsUpNoOther() throws Exception {
        BrokerCounters counters = new BrokerCounters();
        ControlSender sender = new ControlSender(counters);
        ControlMessage message = new Cookie(7);
        Endpoint loopback = Endpoint.v4(0x7F000001, 0);
        try (UdpSocket listener = UdpSocket.open(false);
                UdpSocket other = UdpSocket.open(false);
                UdpSocket asker = UdpSocket.open(false)) {
            listener.bind(loopback);
            other.bind(loopback);
            asker.bind(loopback);
            Flow flow = new Flow(asker.localEndpoint(), listener.localEndpoint());
            Flow toNobody = new Flow(loopback, listener.localEndpoint()); // port 0
            Datagram datagram = new Datagram();

            sender.hold();
            sender.reply(message, flow, listener);
            sender.reply(message, toNobody, listener);
            sender.reply(message, flow, listener);
            assertThat(asker.receive(datagram)).as("held").isEqualTo(-Errno.EAGAIN);
            sender.reply(message, flow, other); // from another socket: what waits for the first goes before
            sender.release();
            for (UdpSocket from : List.of(listener, listener, other)) {
                assertThat(asker.receive(datagram)).isPositive();
                assertThat(ControlCodec.decode(datagram.buffer(), datagram.length()))
                        .isEqualTo(message);
                assertThat(datagram.remote()).isEqualTo(from.localEndpoint());
            }
            assertThat(asker.receive(datagram)).isEqualTo(-Errno.EAGAIN);
            assertThat(counters.of(BrokerCounters.Event.REPLIES_NOT_SENT)).isEqualTo(1);

            sender.reply(message, flow, listener);
            assertThat(asker.receive(datagram)).as("not held").isPositive();
        }
    }
}
