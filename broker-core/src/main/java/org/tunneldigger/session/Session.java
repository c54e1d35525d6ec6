// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.session;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.tunneldigger.api.event.EndReason;
import org.tunneldigger.protocol.ControlMessage;
import org.tunneldigger.protocol.ControlMessage.Handshake;
import org.tunneldigger.protocol.ControlMessage.Keepalive;
import org.tunneldigger.protocol.ControlMessage.LimitDownstream;
import org.tunneldigger.protocol.ControlMessage.PmtuNotify;
import org.tunneldigger.protocol.ControlMessage.Pmtud;
import org.tunneldigger.protocol.ControlMessage.PmtudAck;
import org.tunneldigger.protocol.ControlMessage.Prepare;
import org.tunneldigger.protocol.ControlMessage.RelAck;
import org.tunneldigger.protocol.ControlMessage.Reliable;
import org.tunneldigger.protocol.ControlMessage.Tunnel;
import org.tunneldigger.session.Effect.ChangeMtu;
import org.tunneldigger.session.Effect.LimitBandwidth;
import org.tunneldigger.session.Effect.Release;
import org.tunneldigger.session.Effect.RunPreDown;
import org.tunneldigger.session.Effect.Send;
import org.tunneldigger.session.Effect.TearDown;

/**
 * The broker's side of one tunnel (docs/protocol.md, "Sessions"). Every input takes the time and returns what is to be
 * done; nothing else happens. Times are {@code System.nanoTime()} values or a test's own.
 */
public final class Session {
    static final long KEEPALIVE_NANOS = TimeUnit.SECONDS.toNanos(5);
    static final long FIRST_KEEPALIVE_MIN_NANOS = TimeUnit.SECONDS.toNanos(3);
    static final long FIRST_KEEPALIVE_MAX_NANOS = TimeUnit.SECONDS.toNanos(15);

    /** All sessions' KEEPALIVEs leave at the same ticks: whoever serves thousands of sessions wakes once for many. */
    static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    static final long PEER_DEAD_NANOS = TimeUnit.SECONDS.toNanos(120);
    static final int MAX_SOCKET_ERRORS = 10;

    /** How far a session has come; it only ever goes forward. */
    public enum State {
        ESTABLISHED,
        /** ERROR is sent, the pre-down hooks run, the interface still stands. */
        CLOSING,
        /** The interface is gone, the down hooks run. */
        DOWN,
        ENDED
    }

    private final SessionSpec spec;
    private final PmtuProber prober;
    private State state = State.ESTABLISHED;
    private EndReason endReason = EndReason.FAILURE;
    private int mtu;
    private int measuredMtu;
    private final Paced peerMtuChanges;
    private final Paced limitChanges = new Paced(0);
    private int peerMtu;
    private int keepaliveSequence;
    private long nextKeepaliveNanos;
    private long lastHeardNanos;
    private int socketErrors;

    public Session(SessionSpec spec, long nowNanos, RandomGenerator random) {
        this.spec = spec;
        this.prober = new PmtuProber(spec.pmtu(), nowNanos, random);
        this.mtu = spec.startMtu();
        this.measuredMtu = mtu;
        this.peerMtu = mtu;
        this.peerMtuChanges = new Paced(mtu);
        this.lastHeardNanos = nowNanos;
        long first = random.nextLong(FIRST_KEEPALIVE_MIN_NANOS + TICK_NANOS, FIRST_KEEPALIVE_MAX_NANOS);
        this.nextKeepaliveNanos = tickBefore(nowNanos + first);
    }

    public SessionSpec spec() {
        return spec;
    }

    public State state() {
        return state;
    }

    /** The tunnel MTU in force, in bytes. */
    public int mtu() {
        return mtu;
    }

    /** Meaningful from {@link State#CLOSING} on. */
    public EndReason endReason() {
        return endReason;
    }

    /** What the client is told first. */
    public List<Effect> start() {
        List<Effect> effects = new ArrayList<>(2);
        effects.add(new Send(tunnelReply()));
        if (fixedPmtu()) {
            effects.add(new Send(new PmtuNotify(spec.fixedPmtu())));
        }
        return effects;
    }

    /** A PREPARE whose cookie is good, from the endpoint that this session belongs to. */
    public List<Effect> onPrepare(Prepare prepare) {
        if (state != State.ESTABLISHED) {
            return List.of(); // the client asks again in 3 s; by then this session is gone
        }
        Prepare first = spec.request();
        boolean same = prepare.uuid().equals(first.uuid())
                && prepare.tunnelIdOrDefault() == first.tunnelIdOrDefault()
                && prepare.features().orElse(0) == first.features().orElse(0);
        return List.of(new Send(same ? tunnelReply() : ControlMessage.Error.REFUSED));
    }

    /** Any message of the peer but a handshake's; those are no sign of life and go elsewhere. */
    public List<Effect> onMessage(ControlMessage message, long nowNanos) {
        if (state != State.ESTABLISHED || message instanceof Handshake) {
            return List.of();
        }
        lastHeardNanos = nowNanos;
        socketErrors = Math.max(0, socketErrors - 1);
        if (message instanceof Reliable reliable) {
            return onReliable(reliable, nowNanos);
        } else if (message instanceof Pmtud probe) {
            return List.of(
                    new Send(fixedPmtu() ? new PmtuNotify(spec.fixedPmtu()) : new PmtudAck(probe.datagramLength())));
        } else if (message instanceof PmtudAck ack && !fixedPmtu()) {
            int pathMtu = spec.pmtu().pathMtu(ack.datagramLength());
            return onMeasured(prober.onAcknowledged(pathMtu, nowNanos), new ArrayList<>(2));
        } else if (message instanceof PmtuNotify notify && !fixedPmtu()) {
            int told = spec.pmtu().clamp(notify.tunnelMtu());
            return adoptPeerMtu(peerMtuChanges.offer(told, nowNanos), new ArrayList<>(1));
        } else if (message instanceof ControlMessage.Error) {
            return close(EndReason.CLIENT_CLOSED);
        }
        return List.of(); // KEEPALIVE has said all by arriving; REL_ACK is for clients
    }

    private List<Effect> onReliable(Reliable reliable, long nowNanos) {
        List<Effect> effects = new ArrayList<>(2);
        effects.add(new Send(new RelAck(reliable.sequence())));
        if (reliable instanceof LimitDownstream limit && limit.kbitPerSecond() > 0) {
            adoptLimit(limitChanges.offer(limit.kbitPerSecond(), nowNanos), effects);
        }
        return effects;
    }

    /** When {@link #onTimer} wants to be called next; meaningless once the session closes. */
    public long deadlineNanos() {
        long deadline = earlier(nextKeepaliveNanos, lastHeardNanos + PEER_DEAD_NANOS);
        if (peerMtuChanges.isWaiting()) {
            deadline = earlier(deadline, peerMtuChanges.deadlineNanos());
        }
        if (limitChanges.isWaiting()) {
            deadline = earlier(deadline, limitChanges.deadlineNanos());
        }
        return fixedPmtu() ? deadline : earlier(deadline, prober.deadlineNanos());
    }

    public List<Effect> onTimer(long nowNanos) {
        if (state != State.ESTABLISHED) {
            return List.of();
        }
        if (nowNanos - lastHeardNanos >= PEER_DEAD_NANOS) {
            return close(EndReason.TIMEOUT);
        }
        List<Effect> effects = new ArrayList<>();
        if (nowNanos - nextKeepaliveNanos >= 0) {
            effects.add(new Send(new Keepalive(keepaliveSequence, 2)));
            keepaliveSequence = keepaliveSequence + 1 & 0xFFFF;
            nextKeepaliveNanos = tickBefore(nowNanos + KEEPALIVE_NANOS);
        }
        adoptPeerMtu(peerMtuChanges.due(nowNanos), effects);
        adoptLimit(limitChanges.due(nowNanos), effects);
        if (!fixedPmtu() && nowNanos - prober.deadlineNanos() >= 0) {
            PmtuProber.Step step = prober.onTimer(nowNanos);
            onMeasured(step.tunnelMtu(), effects);
            for (int size : step.probes()) {
                effects.add(new Send(new Pmtud(spec.pmtu().datagramLength(size))));
            }
        }
        return effects;
    }

    /** The socket reported an error that speaks of the peer, such as ECONNREFUSED; EMSGSIZE is not for here. */
    public List<Effect> onSocketError() {
        if (state != State.ESTABLISHED) {
            return List.of();
        }
        socketErrors++;
        return socketErrors >= MAX_SOCKET_ERRORS ? close(EndReason.FAILURE) : List.of();
    }

    /** Ends the session; a session that is ending already goes on doing so. */
    public List<Effect> close(EndReason reason) {
        if (state != State.ESTABLISHED) {
            return List.of();
        }
        state = State.CLOSING;
        endReason = reason;
        return List.of(new Send(new ControlMessage.Error(errorCode(reason))), new RunPreDown(reason));
    }

    public List<Effect> onPreDownDone() {
        if (state != State.CLOSING) {
            return List.of();
        }
        state = State.DOWN;
        return List.of(new TearDown(endReason));
    }

    public List<Effect> onDownDone() {
        if (state != State.DOWN) {
            return List.of();
        }
        state = State.ENDED;
        return List.of(new Release());
    }

    private List<Effect> onMeasured(OptionalInt measured, List<Effect> effects) {
        if (measured.isPresent()) {
            measuredMtu = measured.getAsInt();
            effects.add(new Send(new PmtuNotify(measuredMtu)));
            adoptMtu(effects);
        }
        return effects;
    }

    private List<Effect> adoptPeerMtu(OptionalLong told, List<Effect> effects) {
        if (told.isPresent()) {
            peerMtu = (int) told.getAsLong();
            adoptMtu(effects);
        }
        return effects;
    }

    private static void adoptLimit(OptionalLong kbitPerSecond, List<Effect> effects) {
        if (kbitPerSecond.isPresent()) {
            effects.add(new LimitBandwidth(kbitPerSecond.getAsLong()));
        }
    }

    private List<Effect> adoptMtu(List<Effect> effects) {
        int agreed = Math.min(measuredMtu, peerMtu);
        if (agreed != mtu) {
            effects.add(new ChangeMtu(mtu, agreed));
            mtu = agreed;
        }
        return effects;
    }

    private ControlMessage tunnelReply() {
        return new Tunnel(spec.tunnelId(), spec.features());
    }

    /** docs/protocol.md, "Reason codes". */
    private static int errorCode(EndReason reason) {
        return switch (reason) {
            case CLIENT_CLOSED -> 1;
            case SHUTDOWN -> 2;
            case TIMEOUT -> 3;
            case FAILURE -> 4;
        };
    }

    private boolean fixedPmtu() {
        return spec.fixedPmtu() > 0;
    }

    private static long tickBefore(long nanos) {
        return nanos - Math.floorMod(nanos, TICK_NANOS);
    }

    private static long earlier(long a, long b) {
        return a - b < 0 ? a : b;
    }
}
