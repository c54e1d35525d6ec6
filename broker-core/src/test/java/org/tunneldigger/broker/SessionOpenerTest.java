// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tunneldigger.api.hook.SessionUpHook;
import org.tunneldigger.broker.RunningBroker.Choices;
import org.tunneldigger.hooks.HookLimits;
import org.tunneldigger.protocol.ControlMessage;
import org.tunneldigger.protocol.ControlMessage.Cookie;
import org.tunneldigger.protocol.ControlMessage.Keepalive;
import org.tunneldigger.protocol.ControlMessage.Pmtud;
import org.tunneldigger.protocol.ControlMessage.PmtudAck;
import org.tunneldigger.protocol.ControlMessage.Prepare;
import org.tunneldigger.protocol.ControlMessage.Tunnel;
import org.tunneldigger.protocol.Decoded;

/** A session's interface is made while the broker does other things; a kernel that takes its time keeps nobody else waiting. */
@Timeout(60)
class SessionOpenerTest {
    private static Prepare prepare(long cookie) {
        return new Prepare(cookie, "node", OptionalLong.of(1), OptionalLong.of(1));
    }

    /** Of tunnel 102, until a question that is asked now is answered. */
    private static int tunnelsHeard(TestClient client) throws Exception {
        assertThat(client.receive(Tunnel.class)).isEqualTo(new Tunnel(102, OptionalLong.of(1)));
        client.send(new Cookie(0));
        int count = 1;
        for (Decoded heard = client.receive(); !(heard instanceof Cookie); heard = client.receive()) {
            if (heard instanceof Tunnel tunnel) {
                assertThat(tunnel.tunnelId()).isEqualTo(102);
                count++;
            }
        }
        return count;
    }

    @Test
    void whileTheKernelMakesAnInterfaceOthersAreServedAndARepeatedRequestWaits() throws Exception {
        try (RunningBroker running = new RunningBroker(Choices.defaults());
                TestClient standing = new TestClient(running.endpoint());
                TestClient first = new TestClient(running.endpoint());
                TestClient asker = new TestClient(running.endpoint());
                TestClient stranger = new TestClient(running.endpoint())) {
            assertThat(standing.prepare("standing")).isInstanceOf(Tunnel.class);
            running.datapath.mayOpen = new CountDownLatch(1);
            first.send(prepare(first.cookie()));
            RunningBroker.await("the opening", () -> running.datapath.events.contains("opening 101"));
            Prepare request = prepare(asker.cookie());
            for (int i = 0; i < 10; i++) {
                asker.send(request);
            }
            stranger.cookie();
            standing.send(new Pmtud(1372));
            assertThat(standing.receive(PmtudAck.class)).isEqualTo(new PmtudAck(1372));
            assertThat(asker.hearsNothing()).isTrue();
            running.datapath.mayOpen.countDown();
            assertThat(first.receive(Tunnel.class)).isEqualTo(new Tunnel(101, OptionalLong.of(1)));
            assertThat(tunnelsHeard(asker))
                    .as("the request and four that were repeated")
                    .isEqualTo(5);
            assertThat(running.datapath.events).doesNotContain("opening 103");
        }
    }

    @Test
    void aClientThatGivesUpWhileItWaitsGetsNoTunnelAndIsNoStranger() throws Exception {
        try (RunningBroker running = new RunningBroker(Choices.defaults());
                TestClient first = new TestClient(running.endpoint());
                TestClient asker = new TestClient(running.endpoint())) {
            running.datapath.mayOpen = new CountDownLatch(1);
            first.send(prepare(first.cookie()));
            RunningBroker.await("the opening", () -> running.datapath.events.contains("opening 100"));
            asker.send(prepare(asker.cookie()));
            asker.send(new Keepalive(0, 4));
            assertThat(asker.hearsNothing()).isTrue();
            asker.send(new ControlMessage.Error(0x12));
            asker.cookie(); // that was read before it
            running.datapath.mayOpen.countDown();
            assertThat(first.receive(Tunnel.class)).isEqualTo(new Tunnel(100, OptionalLong.of(1)));
            assertThat(asker.hearsNothing()).isTrue();
            assertThat(running.datapath.events).doesNotContain("opening 101");
            assertThat(asker.prepare("node")).isInstanceOf(Tunnel.class);
        }
    }

    /** What a burst's first sessions bring to the hooks is seen a moment after the next ones are begun: hence many, each taking its time. */
    @Test
    void aBurstThatWasAdmittedWaitsForHooks() throws Exception {
        CountDownLatch upMayEnd = new CountDownLatch(1);
        SessionUpHook slow = event -> upMayEnd.await();
        HookLimits one = HookLimits.defaults()
                .withDeadline(Duration.ofSeconds(30))
                .withWorkers(1)
                .withWaitingEvents(1);
        List<TestClient> clients = new ArrayList<>();
        try (RunningBroker running =
                        new RunningBroker(Choices.defaults().withHooks(slow).withHookLimits(one));
                TestClient witness = new TestClient(running.endpoint())) {
            running.datapath.openMillis = 50;
            running.datapath.mayOpen = new CountDownLatch(1);
            for (int i = 0; i < 10; i++) {
                TestClient client = new TestClient(running.endpoint());
                clients.add(client);
                client.send(prepare(client.cookie()));
                witness.cookie(); // that was read before it; the client's own would wait at the first session's socket
            }
            running.datapath.mayOpen.countDown();
            RunningBroker.await("the first", () -> running.datapath.events.contains("opening 102"));
            Thread.sleep(800);
            assertThat(running.datapath.events).doesNotContain("opening 109");
            upMayEnd.countDown();
            RunningBroker.await("the last", () -> running.datapath.open() == 10);
        } finally {
            clients.forEach(TestClient::close);
        }
    }

    @Test
    void atAShutdownWhatIsBeingOpenedIsGivenBackAndNotAnnounced() throws Exception {
        try (RunningBroker running = new RunningBroker(Choices.defaults());
                TestClient first = new TestClient(running.endpoint());
                TestClient second = new TestClient(running.endpoint())) {
            running.datapath.mayOpen = new CountDownLatch(1);
            first.send(prepare(first.cookie()));
            second.send(prepare(second.cookie()));
            RunningBroker.await("the opening", () -> running.datapath.events.contains("opening 100"));
            running.shutdown();
            running.inLoop(() -> true);
            assertThat(running.stopped()).as("an interface may come yet").isFalse();
            running.datapath.mayOpen.countDown();
            RunningBroker.await("the end", running::stopped);
            assertThat(running.datapath.open()).isZero();
            assertThat(running.datapath.events)
                    .contains("close 100")
                    .as("the second was not begun")
                    .doesNotContain("opening 101");
            assertThat(first.hearsNothing()).isTrue();
        }
    }

    @Test
    void aDefectWhileOpeningCostsThatRequestOnly() throws Exception {
        try (RunningBroker running = new RunningBroker(Choices.defaults());
                TestClient client = new TestClient(running.endpoint())) {
            running.datapath.nextDefect = new NoClassDefFoundError("tried");
            assertThat(client.prepare("a")).isEqualTo(ControlMessage.Error.REFUSED);
            assertThat(client.prepare("a")).isEqualTo(new Tunnel(101, OptionalLong.of(1)));
        }
    }
}
