// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.tunneldigger.api.event.EndReason;
import org.tunneldigger.protocol.ControlMessage;
import org.tunneldigger.protocol.ControlMessage.Keepalive;
import org.tunneldigger.protocol.ControlMessage.LimitDownstream;
import org.tunneldigger.protocol.ControlMessage.PmtuNotify;
import org.tunneldigger.protocol.ControlMessage.Pmtud;
import org.tunneldigger.protocol.ControlMessage.PmtudAck;
import org.tunneldigger.protocol.ControlMessage.Prepare;
import org.tunneldigger.protocol.ControlMessage.RelAck;
import org.tunneldigger.protocol.ControlMessage.Tunnel;
import org.tunneldigger.protocol.ControlMessage.UnknownReliable;
import org.tunneldigger.protocol.ControlMessage.UsageRequest;
import org.tunneldigger.session.Effect.ChangeMtu;
import org.tunneldigger.session.Effect.LimitBandwidth;
import org.tunneldigger.session.Effect.Release;
import org.tunneldigger.session.Effect.RunPreDown;
import org.tunneldigger.session.Effect.Send;
import org.tunneldigger.session.Effect.TearDown;

class SessionTest {
    private static final long SECOND = 1_000_000_000L;
    private static final Prepare NEW_CLIENT = new Prepare(1, "node", OptionalLong.of(7), OptionalLong.of(1));
    private static final Prepare OLD_CLIENT = new Prepare(1, "node", OptionalLong.empty(), OptionalLong.empty());

    private static Session session(Prepare request, int fixedPmtu) {
        return new Session(new SessionSpec(100, request, PmtuProfile.IPV4, fixedPmtu), 0, new Random(1));
    }

    private static Effect send(ControlMessage message) {
        return new Send(message);
    }

    @Test
    void clientsWithAndWithoutUniqueSessionIds() {
        Session unique = session(NEW_CLIENT, 0);
        assertThat(unique.start()).containsExactly(send(new Tunnel(100, OptionalLong.of(1))));
        assertThat(unique.spec().interfaceName()).isEqualTo("l2tp100-100");
        assertThat(unique.spec().peerSessionId()).isEqualTo(7);

        Session old = session(OLD_CLIENT, 0);
        assertThat(old.start()).containsExactly(send(new Tunnel(100, OptionalLong.empty())));
        assertThat(old.spec().interfaceName()).isEqualTo("l2tp100-1");
        assertThat(old.spec().peerSessionId()).isEqualTo(1);
        assertThat(old.spec().peerTunnelId()).isEqualTo(1);

        Session unknownFlags = session(new Prepare(1, "n", OptionalLong.of(7), OptionalLong.of(0xFFFFFFFEL)), 0);
        assertThat(unknownFlags.start()).containsExactly(send(new Tunnel(100, OptionalLong.of(0))));
        assertThat(unknownFlags.spec().sessionId()).isEqualTo(1);
    }

    @Test
    void aRepeatedPrepareGetsTheSameTunnelWithItsFeatures() {
        Session session = session(NEW_CLIENT, 0);
        List<Effect> again = session.onPrepare(new Prepare(99, "node", OptionalLong.of(7), OptionalLong.of(1)));
        assertThat(again).containsExactly(send(new Tunnel(100, OptionalLong.of(1))));
        for (Prepare other : List.of(
                new Prepare(1, "other", OptionalLong.of(7), OptionalLong.of(1)),
                new Prepare(1, "node", OptionalLong.of(8), OptionalLong.of(1)),
                new Prepare(1, "node", OptionalLong.of(7), OptionalLong.empty()))) {
            assertThat(session.onPrepare(other)).containsExactly(send(ControlMessage.Error.REFUSED));
        }
        Prepare spelledOut = new Prepare(1, "node", OptionalLong.of(1), OptionalLong.of(0));
        assertThat(session(OLD_CLIENT, 0).onPrepare(spelledOut))
                .as("absent fields have defaults")
                .containsExactly(send(new Tunnel(100, OptionalLong.empty())));
        assertThat(session.state()).isEqualTo(Session.State.ESTABLISHED);
    }

    @Test
    void keepalivesComeEveryFiveSecondsAfterARandomFirst() {
        List<Long> times = new ArrayList<>();
        List<ControlMessage> sent = new ArrayList<>();
        Session session = session(NEW_CLIENT, 1400);
        for (long now = session.deadlineNanos(); now < 60 * SECOND; now = session.deadlineNanos()) {
            for (Effect effect : session.onTimer(now)) {
                times.add(now);
                sent.add(((Send) effect).message());
            }
        }
        assertThat(times.get(0)).isBetween(3 * SECOND, 15 * SECOND);
        for (int i = 1; i < times.size(); i++) {
            assertThat(times.get(i) - times.get(i - 1)).isEqualTo(5 * SECOND);
        }
        assertThat(sent.subList(0, 3)).containsExactly(new Keepalive(0, 2), new Keepalive(1, 2), new Keepalive(2, 2));
    }

    @Test
    void keepalivesOfAllSessionsLeaveTogetherHoweverLateTheTimerIs() {
        long late = SECOND / 1000;
        for (int i = 0; i < 50; i++) {
            Session session =
                    new Session(new SessionSpec(100, NEW_CLIENT, PmtuProfile.IPV4, 1400), 7 * late + i, new Random(i));
            for (int n = 0; n < 5; n++) {
                assertThat(session.deadlineNanos() % Session.TICK_NANOS).isZero();
                session.onTimer(session.deadlineNanos() + late);
            }
        }
    }

    @Test
    void aPeerThatIsSilentFor120SecondsIsGone() {
        Session session = session(NEW_CLIENT, 1400);
        session.onMessage(new Keepalive(1, 4), 10 * SECOND);
        session.onMessage(new UsageRequest(OptionalLong.empty()), 100 * SECOND); // a handshake is no sign of life
        run(session, 130 * SECOND - 1);
        assertThat(session.state()).isEqualTo(Session.State.ESTABLISHED);
        assertThat(session.onTimer(130 * SECOND))
                .containsExactly(send(new ControlMessage.Error(3)), new RunPreDown(EndReason.TIMEOUT));
    }

    @Test
    void everyKindOfSessionMessageIsASignOfLife() {
        for (ControlMessage message : List.of(
                new Keepalive(0, 0),
                new Pmtud(1300),
                new PmtudAck(1300),
                new PmtuNotify(1400),
                new LimitDownstream(0, 1),
                new UnknownReliable(0, 0xFE))) {
            Session session = session(NEW_CLIENT, 1400);
            session.onMessage(message, 100 * SECOND);
            run(session, 219 * SECOND);
            assertThat(session.state()).as("%s", message).isEqualTo(Session.State.ESTABLISHED);
        }
    }

    @Test
    void probesOfThePeerAreAcknowledgedWithTheirSize() {
        assertThat(session(NEW_CLIENT, 0).onMessage(new Pmtud(1372), 1)).containsExactly(send(new PmtudAck(1372)));
    }

    @Test
    void theMtuIsTheSmallerOfOursAndThePeers() {
        Session session = session(NEW_CLIENT, 0);
        assertThat(session.mtu()).isEqualTo(1446);
        run(session, SECOND / 10);
        assertThat(session.onMessage(new PmtudAck(1464), SECOND / 9)).isEmpty();
        assertThat(session.onMessage(new PmtudAck(1472), SECOND / 9)).containsExactly(send(new PmtuNotify(1446)));
        assertThat(session.onMessage(new PmtuNotify(1346), SECOND)).containsExactly(new ChangeMtu(1446, 1346));
        assertThat(session.onMessage(new PmtuNotify(1346), 4 * SECOND)).isEmpty();
        assertThat(session.onMessage(new PmtuNotify(10), 5 * SECOND)).containsExactly(new ChangeMtu(1346, 1280));
        assertThat(session.onMessage(new PmtuNotify(9000), 9 * SECOND)).containsExactly(new ChangeMtu(1280, 1446));
    }

    /** Whatever a client floods with, interface, hooks and log see one change in two seconds, and the last one in the end. */
    @Test
    void floodsOfChangesArePaced() {
        Session session = session(NEW_CLIENT, 0);
        List<Effect> effects = new ArrayList<>();
        for (int i = 0; i <= 1000; i++) {
            effects.addAll(session.onMessage(new PmtuNotify(i % 2 == 0 ? 1280 : 1400), i));
            effects.addAll(session.onMessage(new LimitDownstream(i, 1000 + i), i));
        }
        run(session, 3 * SECOND, effects);
        assertThat(effects)
                .filteredOn(effect -> !(effect instanceof Send))
                .containsExactly(new ChangeMtu(1446, 1280), new LimitBandwidth(1000), new LimitBandwidth(2000));
        assertThat(effects)
                .filteredOn(effect -> effect.equals(send(new RelAck(7))))
                .hasSize(1);
    }

    @Test
    void aFixedPmtuIsToldAndNeverProbed() {
        Session session = session(NEW_CLIENT, 1500);
        assertThat(session.mtu()).isEqualTo(1446);
        assertThat(session.start())
                .containsExactly(send(new Tunnel(100, OptionalLong.of(1))), send(new PmtuNotify(1500)));
        assertThat(session.onMessage(new Pmtud(1372), 1)).containsExactly(send(new PmtuNotify(1500)));
        assertThat(session.onMessage(new PmtudAck(1372), 1)).isEmpty();
        assertThat(session.onMessage(new PmtuNotify(1300), 1)).isEmpty();
        assertThat(session.mtu()).isEqualTo(1446);
        assertThat(session(NEW_CLIENT, 1000).mtu()).isEqualTo(1280);
    }

    @Test
    void reliableMessagesAreAcknowledgedBeforeTheyAreActedOn() {
        Session session = session(NEW_CLIENT, 0);
        assertThat(session.onMessage(new LimitDownstream(3, 2048), 1))
                .containsExactly(send(new RelAck(3)), new LimitBandwidth(2048));
        assertThat(session.onMessage(new LimitDownstream(3, 2048), 9 * SECOND))
                .as("the same once more: its acknowledgement was lost")
                .containsExactly(send(new RelAck(3)));
        assertThat(session.onMessage(new UnknownReliable(4, 0x99), 1)).containsExactly(send(new RelAck(4)));
        assertThat(session.onMessage(new LimitDownstream(5, 0), 1)).containsExactly(send(new RelAck(5)));
    }

    @Test
    void endsInFourStepsWhateverHappensBetween() {
        Session session = session(NEW_CLIENT, 0);
        assertThat(session.onMessage(new ControlMessage.Error(0x11), 1))
                .containsExactly(send(new ControlMessage.Error(1)), new RunPreDown(EndReason.CLIENT_CLOSED));
        assertThat(session.onMessage(new ControlMessage.Error(0x11), 2)).isEmpty();
        assertThat(session.close(EndReason.SHUTDOWN)).isEmpty();
        assertThat(session.onDownDone()).isEmpty();
        assertThat(session.onPreDownDone()).containsExactly(new TearDown(EndReason.CLIENT_CLOSED));
        assertThat(session.onPreDownDone()).isEmpty();
        assertThat(session.onTimer(1000 * SECOND)).isEmpty();
        assertThat(session.onDownDone()).containsExactly(new Release());
        assertThat(session.onDownDone()).isEmpty();
        assertThat(session.state()).isEqualTo(Session.State.ENDED);
    }

    @Test
    void tenSocketErrorsEndItAndEachGoodPacketTakesOneBack() {
        Session session = session(NEW_CLIENT, 0);
        for (int i = 0; i < 9; i++) {
            assertThat(session.onSocketError()).isEmpty();
        }
        session.onMessage(new Keepalive(0, 4), 1);
        assertThat(session.onSocketError()).isEmpty();
        assertThat(session.onSocketError())
                .containsExactly(send(new ControlMessage.Error(4)), new RunPreDown(EndReason.FAILURE));
    }

    private static void run(Session session, long until) {
        run(session, until, new ArrayList<>());
    }

    private static void run(Session session, long until, List<Effect> effects) {
        while (session.state() == Session.State.ESTABLISHED && session.deadlineNanos() <= until) {
            effects.addAll(session.onTimer(session.deadlineNanos()));
        }
    }
}
