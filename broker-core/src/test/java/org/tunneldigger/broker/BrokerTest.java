// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tunneldigger.api.event.ConnectionRateLimited;
import org.tunneldigger.api.event.SessionDown;
import org.tunneldigger.api.event.SessionPreDown;
import org.tunneldigger.api.event.SessionUp;
import org.tunneldigger.api.hook.ConnectionRateLimitHook;
import org.tunneldigger.api.hook.SessionDownHook;
import org.tunneldigger.api.hook.SessionMtuChangedHook;
import org.tunneldigger.api.hook.SessionPreDownHook;
import org.tunneldigger.api.hook.SessionUpHook;
import org.tunneldigger.broker.RunningBroker.Choices;
import org.tunneldigger.config.BrokerConfig;
import org.tunneldigger.nativeio.Errno;
import org.tunneldigger.nativeio.NativeException;
import org.tunneldigger.protocol.ControlMessage;
import org.tunneldigger.protocol.ControlMessage.Cookie;
import org.tunneldigger.protocol.ControlMessage.Keepalive;
import org.tunneldigger.protocol.ControlMessage.LimitDownstream;
import org.tunneldigger.protocol.ControlMessage.PmtuNotify;
import org.tunneldigger.protocol.ControlMessage.Pmtud;
import org.tunneldigger.protocol.ControlMessage.PmtudAck;
import org.tunneldigger.protocol.ControlMessage.Prepare;
import org.tunneldigger.protocol.ControlMessage.RelAck;
import org.tunneldigger.protocol.ControlMessage.Tunnel;
import org.tunneldigger.protocol.ControlMessage.UsageReply;
import org.tunneldigger.protocol.ControlMessage.UsageRequest;
import org.tunneldigger.protocol.Endpoint;

@Timeout(60)
class BrokerTest {

    @Test
    void opensATunnelAndAnswersAsTheSessionWants() throws Exception {
        try (RunningBroker running = new RunningBroker(Choices.defaults());
                TestClient client = new TestClient(running.endpoint())) {
            client.send(new UsageRequest(OptionalLong.of(1)));
            assertThat(client.receive()).isEqualTo(new UsageReply(0));
            assertThat(client.prepare("node")).isEqualTo(new Tunnel(100, OptionalLong.of(1)));
            client.send(new LimitDownstream(0, 2048));
            assertThat(client.receive(RelAck.class)).isEqualTo(new RelAck(0));
            client.send(new Pmtud(1372));
            assertThat(client.receive(PmtudAck.class)).isEqualTo(new PmtudAck(1372));
            client.send(new UsageRequest(OptionalLong.of(1)));
            assertThat(client.receive(UsageReply.class)).isEqualTo(new UsageReply(6553));
            assertThat(running.datapath.events)
                    .containsExactly("leftovers 100 10", "opening 100", "open l2tp100-100 mtu 1446", "limit 100 2048");
        }
    }

    @Test
    void aRepeatedPrepareIsAnsweredWithTheSameTunnelAndOpensNoSecond() throws Exception {
        try (RunningBroker running = new RunningBroker(Choices.defaults());
                TestClient client = new TestClient(running.endpoint())) {
            Prepare prepare = new Prepare(client.cookie(), "node", OptionalLong.of(1), OptionalLong.of(1));
            client.send(prepare);
            client.send(prepare);
            client.send(prepare);
            for (int i = 0; i < 3; i++) {
                assertThat(client.receive(Tunnel.class)).isEqualTo(new Tunnel(100, OptionalLong.of(1)));
            }
            client.send(new Prepare(prepare.cookie(), "other", OptionalLong.of(1), OptionalLong.of(1)));
            assertThat(client.receive(ControlMessage.Error.class)).isEqualTo(ControlMessage.Error.REFUSED);
            assertThat(running.datapath.open()).isEqualTo(1);
        }
    }

    @Test
    void probesTheLargestThenAllSizesAndSettlesOnce() throws Exception {
        try (RunningBroker running = new RunningBroker(Choices.defaults());
                TestClient client = new TestClient(running.endpoint())) {
            client.prepare("node");
            List<Integer> probed = new ArrayList<>();
            for (int i = 0; i < 7; i++) {
                probed.add(client.receive(Pmtud.class).datagramLength());
            }
            assertThat(probed).containsExactly(1472, 1306, 1372, 1422, 1448, 1464, 1472);
            client.send(new PmtudAck(1306));
            client.send(new PmtudAck(1372));
            assertThat(client.receive(PmtuNotify.class)).isEqualTo(new PmtuNotify(1346));
            client.send(new UsageRequest(OptionalLong.empty()));
            client.receive(UsageReply.class); // whatever the decision asked for is done by now
            assertThat(running.datapath.events)
                    .filteredOn(e -> e.startsWith("mtu"))
                    .containsExactly("mtu 100 1346");
        }
    }

    /** The reference's session.up scripts set the interface's MTU: to the one that they were started with. */
    @Test
    void anMtuFoundWhileTheUpHookRunsIsSetAgainAndToldAfterIt() throws Exception {
        CountDownLatch upMayEnd = new CountDownLatch(1);
        List<String> told = Collections.synchronizedList(new ArrayList<>());
        SessionUpHook up = event -> {
            upMayEnd.await();
            told.add("up " + event.mtu());
        };
        SessionMtuChangedHook changed = event -> told.add("changed " + event.oldMtu() + " " + event.newMtu());
        try (RunningBroker running = new RunningBroker(Choices.defaults().withHooks(up, changed));
                TestClient client = new TestClient(running.endpoint())) {
            client.prepare("node");
            client.receive(Pmtud.class);
            client.send(new PmtudAck(1372));
            RunningBroker.await("the new MTU", () -> running.datapath.events.contains("mtu 100 1346"));
            assertThat(told).isEmpty();
            upMayEnd.countDown();
            RunningBroker.await("the hooks", () -> told.size() == 2);
            assertThat(told).containsExactly("up 1446", "changed 1446 1346");
            assertThat(running.datapath.events)
                    .filteredOn(e -> e.startsWith("mtu"))
                    .containsExactly("mtu 100 1346", "mtu 100 1346");
        }
    }

    @Test
    void twoPortsOrTwoSocketsAreTwoSessionsWhateverTheUuid() throws Exception {
        try (RunningBroker running = new RunningBroker(Choices.defaults().withAddresses("127.0.0.1", "127.0.0.2"));
                TestClient one = new TestClient(running.broker.endpoints().get(0));
                TestClient two = new TestClient(running.broker.endpoints().get(1))) {
            assertThat(one.prepare("same")).isEqualTo(new Tunnel(100, OptionalLong.of(1)));
            assertThat(two.prepare("same")).isEqualTo(new Tunnel(101, OptionalLong.of(1)));
            assertThat(running.datapath.open()).isEqualTo(2);
        }
    }

    @Test
    void ipv6AndWildcardsAnswerFromTheAddressAsked() throws Exception {
        try (RunningBroker running = new RunningBroker(Choices.defaults().withAddresses("0.0.0.0", "::"))) {
            int port = running.endpoint().port();
            for (String address : List.of("127.0.0.1", "127.3.2.1", "::1")) {
                Endpoint asked = Endpoint.of(InetAddress.getByName(address), port);
                // A connected socket hears nothing from any other address.
                try (TestClient client = new TestClient(asked)) {
                    assertThat(client.prepare("node")).as(address).isInstanceOf(Tunnel.class);
                    client.send(new Pmtud(100));
                    assertThat(client.receive(PmtudAck.class)).isEqualTo(new PmtudAck(100));
                }
            }
            assertThat(running.datapath.events)
                    .contains("open l2tp100-100 mtu 1446", "open l2tp101-101 mtu 1446", "open l2tp102-102 mtu 1422");
        }
    }

    @Test
    void refusesWithoutReasonWhenFullAndHasRoomAgainAfterwards() throws Exception {
        try (RunningBroker running = new RunningBroker(Choices.defaults().withMaxTunnels(1));
                TestClient first = new TestClient(running.endpoint());
                TestClient second = new TestClient(running.endpoint())) {
            assertThat(first.prepare("a")).isInstanceOf(Tunnel.class);
            assertThat(second.prepare("b")).isEqualTo(ControlMessage.Error.REFUSED);
            first.send(new ControlMessage.Error(0x11));
            assertThat(first.receive(ControlMessage.Error.class)).isEqualTo(new ControlMessage.Error(1));
            RunningBroker.await("room", () -> {
                try {
                    return second.prepare("b").equals(new Tunnel(100, OptionalLong.of(1)));
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
        }
    }

    @Test
    void theAddressLimitRefusesAndTellsTheHook() throws Exception {
        List<ConnectionRateLimited> limited = Collections.synchronizedList(new ArrayList<>());
        ConnectionRateLimitHook hook = limited::add;
        BrokerConfig.Limits limits = new BrokerConfig.Limits(0, 1, 60_000_000_000L);
        try (RunningBroker running =
                        new RunningBroker(Choices.defaults().withLimits(limits).withHooks(hook));
                TestClient first = new TestClient(running.endpoint());
                TestClient second = new TestClient(running.endpoint())) {
            assertThat(first.prepare("a")).isInstanceOf(Tunnel.class);
            assertThat(second.prepare("b\nc")).isEqualTo(ControlMessage.Error.REFUSED);
            RunningBroker.await("the hook", () -> !limited.isEmpty());
            ConnectionRateLimited event = limited.get(0);
            assertThat(event.remote()).isEqualTo(second.endpoint().toSocketAddress());
            assertThat(event.local()).isEqualTo(running.endpoint().toSocketAddress());
            assertThat(event.uuid()).isEqualTo("b\nc");
        }
    }

    @Test
    void everyFailedOpeningGivesAllBack() throws Exception {
        try (RunningBroker running = new RunningBroker(Choices.defaults().withMaxTunnels(3));
                TestClient client = new TestClient(running.endpoint())) {
            client.cookie();
            long descriptors = descriptors();
            for (int i = 0; i < 30; i++) {
                running.datapath.nextFailure = new NativeException("create link", Errno.ENOBUFS);
                // An id rests after its release, so an attempt may also meet an empty pool: refused all the same.
                assertThat(client.prepare("node")).isEqualTo(ControlMessage.Error.REFUSED);
            }
            running.datapath.nextFailure = null;
            // what else runs in this process opens and closes files, too
            RunningBroker.await("descriptors as before", () -> descriptors() == descriptors);
            Thread.sleep(250); // the ids' rest
            assertThat(client.prepare("node")).isInstanceOf(Tunnel.class);
        }
    }

    @Test
    void anIdThatTheKernelHasTakenCostsOneAttemptAndIsNotLost() throws Exception {
        try (RunningBroker running = new RunningBroker(Choices.defaults().withMaxTunnels(2));
                TestClient first = new TestClient(running.endpoint());
                TestClient second = new TestClient(running.endpoint())) {
            running.datapath.nextFailure = new NativeException("create tunnel", Errno.EEXIST);
            assertThat(first.prepare("a")).isEqualTo(new Tunnel(101, OptionalLong.of(1)));
            Thread.sleep(250); // the id's rest
            assertThat(second.prepare("b")).isEqualTo(new Tunnel(100, OptionalLong.of(1)));
        }
    }

    /** One class for three hooks, as a plugin would do it. */
    private static final class Noting implements SessionUpHook, SessionPreDownHook, SessionDownHook {
        final List<String> events;
        final CountDownLatch preDownMayEnd = new CountDownLatch(1);

        Noting(List<String> events) {
            this.events = events;
        }

        @Override
        public void onSessionUp(SessionUp event) {
            events.add("up " + event.session().tunnelId());
        }

        @Override
        public void onSessionPreDown(SessionPreDown event) throws InterruptedException {
            preDownMayEnd.await();
            events.add("pre-down " + event.session().tunnelId() + " " + event.reason());
        }

        @Override
        public void onSessionDown(SessionDown event) {
            events.add("down " + event.session().tunnelId());
        }
    }

    @Test
    void atAShutdownAllPeersAreToldBeforeAnyHookRuns() throws Exception {
        List<String> events = Collections.synchronizedList(new ArrayList<>());
        Noting hook = new Noting(events);
        try (RunningBroker running = new RunningBroker(Choices.defaults().withHooks(hook));
                TestClient first = new TestClient(running.endpoint());
                TestClient second = new TestClient(running.endpoint())) {
            first.prepare("a");
            second.prepare("b");
            RunningBroker.await("up", () -> events.size() == 2);
            running.shutdown();
            assertThat(first.receive(ControlMessage.Error.class)).isEqualTo(new ControlMessage.Error(2));
            assertThat(second.receive(ControlMessage.Error.class)).isEqualTo(new ControlMessage.Error(2));
            assertThat(running.datapath.open())
                    .as("interfaces stand until pre-down is done")
                    .isEqualTo(2);
            assertThat(events).hasSize(2);
            hook.preDownMayEnd.countDown();
            RunningBroker.await("the end", running::stopped);
            assertThat(running.datapath.open()).isZero();
            assertThat(events)
                    .containsSubsequence("pre-down 100 SHUTDOWN", "down 100")
                    .containsSubsequence("pre-down 101 SHUTDOWN", "down 101")
                    .hasSize(6);
        }
    }

    @Test
    void theIdIsFreeOnlyWhenTheLastHookHasRun() throws Exception {
        CountDownLatch downMayEnd = new CountDownLatch(1);
        SessionDownHook hook = event -> downMayEnd.await();
        try (RunningBroker running =
                        new RunningBroker(Choices.defaults().withMaxTunnels(1).withHooks(hook));
                TestClient first = new TestClient(running.endpoint());
                TestClient second = new TestClient(running.endpoint())) {
            assertThat(first.prepare("a")).isInstanceOf(Tunnel.class);
            first.send(new ControlMessage.Error(0x11));
            RunningBroker.await("the interface's end", () -> running.datapath.open() == 0);
            Thread.sleep(250);
            assertThat(second.prepare("b")).isEqualTo(ControlMessage.Error.REFUSED);
            downMayEnd.countDown();
            RunningBroker.await("the id", () -> {
                try {
                    return second.prepare("b") instanceof Tunnel;
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
        }
    }

    @Test
    void aFixedPmtuIsAnnounced() throws Exception {
        try (RunningBroker running = new RunningBroker(Choices.defaults().withFixedPmtu(1400));
                TestClient client = new TestClient(running.endpoint())) {
            client.prepare("node");
            assertThat(client.receive()).isEqualTo(new PmtuNotify(1400));
            client.send(new Pmtud(1472));
            assertThat(client.receive()).isEqualTo(new PmtuNotify(1400));
            assertThat(running.datapath.events).contains("open l2tp100-100 mtu 1400");
        }
    }

    @Test
    void aSecondBrokerDoesNotShareThePort() throws Exception {
        try (RunningBroker running = new RunningBroker(Choices.defaults())) {
            SocketFactory other = new SocketFactory(null);
            assertThatThrownBy(() -> other.probeFree(running.endpoint())).hasMessageContaining("EADDRINUSE");
        }
    }

    @Test
    void handshakesGoOnWhileASessionStands() throws Exception {
        try (RunningBroker running = new RunningBroker(Choices.defaults());
                TestClient client = new TestClient(running.endpoint())) {
            client.prepare("node");
            client.send(new Keepalive(0, 4));
            client.send(new Cookie(0));
            assertThat(client.receive(Cookie.class)).isNotNull();
        }
    }

    private static long descriptors() {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
