// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tunneldigger.broker.RunningBroker.Choices;
import org.tunneldigger.protocol.ControlMessage;
import org.tunneldigger.protocol.ControlMessage.Pmtud;
import org.tunneldigger.protocol.ControlMessage.PmtudAck;
import org.tunneldigger.protocol.ControlMessage.Prepare;
import org.tunneldigger.protocol.ControlMessage.Tunnel;

/** A session's interface is made while the broker does other things; a kernel that takes its time keeps nobody else waiting. */
@Timeout(60)
class SessionOpenerTest {
    private static Prepare prepare(long cookie) {
        return new Prepare(cookie, "node", OptionalLong.of(1), OptionalLong.of(1));
    }

    @Test
    void whileTheKernelMakesAnInterfaceOthersAreServedAndARepeatedRequestWaits() throws Exception {
        try (RunningBroker running = new RunningBroker(Choices.defaults());
                TestClient standing = new TestClient(running.endpoint());
                TestClient asker = new TestClient(running.endpoint());
                TestClient stranger = new TestClient(running.endpoint())) {
            assertThat(standing.prepare("standing")).isInstanceOf(Tunnel.class);
            running.datapath.mayOpen = new CountDownLatch(1);
            Prepare request = prepare(asker.cookie());
            asker.send(request);
            RunningBroker.await("the opening", () -> running.datapath.events.contains("opening 101"));
            stranger.cookie();
            standing.send(new Pmtud(1372));
            assertThat(standing.receive(PmtudAck.class)).isEqualTo(new PmtudAck(1372));
            for (int i = 0; i < 10; i++) {
                asker.send(request);
            }
            stranger.cookie(); // those were read before it
            assertThat(asker.hearsNothing()).isTrue();
            running.datapath.mayOpen.countDown();
            for (int i = 0; i < 5; i++) {
                assertThat(asker.receive(Tunnel.class)).isEqualTo(new Tunnel(101, OptionalLong.of(1)));
            }
            assertThat(running.datapath.open()).isEqualTo(2);
            assertThat(running.datapath.events).doesNotContain("opening 102");
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
