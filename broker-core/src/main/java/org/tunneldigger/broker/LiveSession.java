// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.broker;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tunneldigger.api.event.EndReason;
import org.tunneldigger.api.event.SessionProfile;
import org.tunneldigger.datapath.TunnelInterface;
import org.tunneldigger.hooks.HookLane;
import org.tunneldigger.hooks.RegisteredPlugin;
import org.tunneldigger.loop.Timer;
import org.tunneldigger.nativeio.Errno;
import org.tunneldigger.nativeio.Interfaces;
import org.tunneldigger.nativeio.UdpSocket;
import org.tunneldigger.protocol.ControlMessage;
import org.tunneldigger.session.Effect;
import org.tunneldigger.session.Session;

/**
 * A session with what it owns: socket, interface, hook lane and timer. Carries the effects of its state machine out.
 * Loop thread only.
 */
final class LiveSession {
    private static final Logger log = LoggerFactory.getLogger(LiveSession.class);

    /** When to look whether a removed interface is gone: after 5 ms, 10 ms, 20 ms…, then every 160 ms, for 5 s in all. */
    private static final long FIRST_LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private static final int MOST_DOUBLINGS = 5;
    private static final int MAX_LOOKS = 36;

    private final Session session;
    private final Flow flow;
    private final UdpSocket socket;
    private final TunnelInterface tunnel;
    private final HookLane lane;
    private final SessionProfile profile;
    private final SessionContext context;
    private @Nullable Timer timer;
    private boolean upDone;

    /** The MTU that the hooks were told last. */
    private int toldMtu;

    LiveSession(
            Session session,
            Flow flow,
            UdpSocket socket,
            TunnelInterface tunnel,
            HookLane lane,
            SessionProfile profile,
            SessionContext context) {
        this.session = session;
        this.flow = flow;
        this.socket = socket;
        this.tunnel = tunnel;
        this.lane = lane;
        this.profile = profile;
        this.context = context;
    }

    Session session() {
        return session;
    }

    Flow flow() {
        return flow;
    }

    UdpSocket socket() {
        return socket;
    }

    TunnelInterface tunnel() {
        return tunnel;
    }

    /** Tells the peer and the hooks that the session stands, and starts its timers. */
    void start() {
        apply(session.start());
        profile.downBitsPerSecond().ifPresent(rate -> limitDown(rate / 1000));
        profile.upBitsPerSecond().ifPresent(this::limitUp);
        toldMtu = session.mtu();
        lane.up(toldMtu, () -> inLoop(this::onUpDone));
        reschedule();
    }

    /** A plugin was loaded since the session came up. */
    void announce(RegisteredPlugin plugin) {
        lane.announce(plugin, toldMtu);
    }

    void onMessage(ControlMessage message) {
        apply(session.onMessage(message, context.loop().nowNanos()));
        reschedule();
    }

    /** The interface has frames for the peer. */
    void onFramesReadable() {
        int errors = tunnel.onReadable();
        if (errors == TunnelInterface.GONE) {
            log.warn(
                    "session {}: somebody removed its interface {}",
                    session.spec().tunnelId(),
                    tunnel.name());
            context.loop().unwatch(tunnel.readableFd());
            apply(session.close(EndReason.FAILURE));
            return;
        }
        for (int i = 0; i < errors; i++) {
            apply(session.onSocketError());
        }
    }

    /** A send or receive failed; what speaks of the packet's size or of a full queue says nothing about the peer. */
    void onSocketError(int negativeErrno) {
        if (negativeErrno != -Errno.EMSGSIZE && negativeErrno != -Errno.EAGAIN && negativeErrno != -Errno.ENOBUFS) {
            apply(session.onSocketError());
        }
    }

    void apply(List<Effect> effects) {
        for (Effect effect : effects) {
            apply(effect);
        }
    }

    void apply(Effect effect) {
        if (effect instanceof Effect.Send send) {
            send(send.message());
        } else if (effect instanceof Effect.ChangeMtu change) {
            changeMtu(change);
        } else if (effect instanceof Effect.LimitBandwidth limit) {
            // The client may want less than the plugins grant, never more.
            limitDown(
                    Math.min(limit.kbitPerSecond(), profile.downBitsPerSecond().orElse(Long.MAX_VALUE) / 1000));
        } else if (effect instanceof Effect.RunPreDown preDown) {
            log.info("session {} ends: {}", session.spec().tunnelId(), preDown.reason());
            lane.preDown(session.mtu(), preDown.reason(), () -> inLoop(() -> apply(session.onPreDownDone())));
        } else if (effect instanceof Effect.TearDown tearDown) {
            removeInterface();
            downWhenGone(tearDown.reason(), 0);
        } else if (effect instanceof Effect.Release) {
            release();
        }
    }

    private void send(ControlMessage message) {
        int sent = context.sender().send(message, socket);
        if (sent < 0) {
            onSocketError(sent);
        }
    }

    private void changeMtu(Effect.ChangeMtu change) {
        log.info("session {}: MTU {} -> {}", session.spec().tunnelId(), change.oldMtu(), change.newMtu());
        setMtu();
        if (upDone) {
            tellMtu();
        }
    }

    /**
     * A script of session.up sets the interface to the MTU that it was told at its start. If the path spoke up meanwhile,
     * the interface is put right when the script can't change it any more, and only then the change is told.
     */
    private void onUpDone() {
        upDone = true;
        if (session.state() == Session.State.ESTABLISHED && session.mtu() != toldMtu) {
            setMtu();
            tellMtu();
        }
    }

    private void setMtu() {
        try {
            tunnel.setMtu(session.mtu());
        } catch (IOException e) {
            log.warn("session {}: {}", session.spec().tunnelId(), e.getMessage());
        }
    }

    private void tellMtu() {
        lane.mtuChanged(toldMtu, session.mtu());
        toldMtu = session.mtu();
    }

    private void limitDown(long kbitPerSecond) {
        int id = session.spec().tunnelId();
        try {
            tunnel.limitBandwidth(kbitPerSecond);
            log.info("session {}: downstream limited to {} kbit/s", id, kbitPerSecond);
        } catch (IOException e) {
            log.warn("session {}: no limit of {} kbit/s: {}", id, kbitPerSecond, e.getMessage());
        }
    }

    private void limitUp(long bitsPerSecond) {
        int id = session.spec().tunnelId();
        try {
            tunnel.limitUpstream(bitsPerSecond / 8);
            log.info("session {}: upstream limited to {} kbit/s", id, bitsPerSecond / 1000);
        } catch (IOException e) {
            log.warn("session {}: no upstream limit of {} kbit/s: {}", id, bitsPerSecond / 1000, e.getMessage());
        }
    }

    private void removeInterface() {
        if (timer != null) {
            timer.cancel();
        }
        if (tunnel.readableFd() >= 0) {
            context.loop().unwatch(tunnel.readableFd());
        }
        context.loop().unwatch(socket.fd());
        tunnel.close();
        socket.close();
        context.table().freeFlow(this);
    }

    /** An interface may go a moment after it was closed; the down hooks may rely on its absence. */
    private void downWhenGone(EndReason reason, int looks) {
        if (looks < MAX_LOOKS && !Interfaces.isGone(tunnel.index(), tunnel.name())) {
            long again = context.loop().nowNanos() + (FIRST_LOOK_NANOS << Math.min(looks, MOST_DOUBLINGS));
            context.loop().schedule(again, () -> downWhenGone(reason, looks + 1));
            return;
        }
        lane.down(session.mtu(), reason, () -> inLoop(() -> apply(session.onDownDone())));
    }

    private void release() {
        context.ids().release(session.spec().tunnelId(), context.loop().nowNanos());
        context.table().remove(this);
        context.counters().count(BrokerCounters.Event.SESSIONS_ENDED);
        if (context.table().isEmpty()) {
            context.whenTableIsEmpty().run();
        }
    }

    private void inLoop(Runnable command) {
        context.loop().post(command);
    }

    /** One timer a session; it is moved forward only, and looks anew when it fires too early. */
    private void reschedule() {
        if (session.state() != Session.State.ESTABLISHED) {
            return;
        }
        long deadline = session.deadlineNanos();
        if (timer != null && timer.atNanos() - deadline <= 0) {
            return;
        }
        if (timer != null) {
            timer.cancel();
        }
        timer = context.loop().schedule(deadline, this::onTimer);
    }

    private void onTimer() {
        timer = null;
        if (context.loop().nowNanos() - session.deadlineNanos() >= 0) {
            apply(session.onTimer(context.loop().nowNanos()));
        }
        reschedule();
    }
}
