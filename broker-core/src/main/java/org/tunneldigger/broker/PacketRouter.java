// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.broker;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.tunneldigger.broker.BrokerCounters.Event;
import org.tunneldigger.handshake.Admission;
import org.tunneldigger.handshake.CookieMint;
import org.tunneldigger.handshake.StrayLimiter;
import org.tunneldigger.hooks.HookDispatcher;
import org.tunneldigger.loop.EventLoop;
import org.tunneldigger.nativeio.Datagram;
import org.tunneldigger.nativeio.DatagramBatch;
import org.tunneldigger.nativeio.UdpSocket;
import org.tunneldigger.protocol.ControlCodec;
import org.tunneldigger.protocol.ControlMessage;
import org.tunneldigger.protocol.ControlMessage.Cookie;
import org.tunneldigger.protocol.ControlMessage.Handshake;
import org.tunneldigger.protocol.ControlMessage.Prepare;
import org.tunneldigger.protocol.ControlMessage.UsageReply;
import org.tunneldigger.protocol.ControlMessage.UsageRequest;
import org.tunneldigger.protocol.DecodeFailure;
import org.tunneldigger.protocol.Decoded;
import org.tunneldigger.session.Effect;
import org.tunneldigger.session.Session;

/**
 * Sends each datagram where it belongs: to the session of its flow, to the handshake, or to nobody. What a stranger sends
 * costs a counter and at most one answer that is no larger than the question. Loop thread only.
 */
final class PacketRouter {
    /** Reason 4, failure: what a client is told whose session we don't have. */
    private static final ControlMessage NO_SUCH_SESSION = new ControlMessage.Error(4);

    /** Nothing in this protocol is longer: neither a probe nor a frame of the largest MTU. Less than {@link DatagramBatch#CAPACITY}. */
    private static final int LONGEST_PACKET = 4096;

    private final EventLoop loop;
    private final SessionTable table;
    private final Listeners listeners;
    private final CookieMint cookies;
    private final Admission admission;
    private final StrayLimiter strays;
    private final SessionContext context;
    private final SessionRequests requests;

    PacketRouter(
            Listeners listeners,
            CookieMint cookies,
            Admission admission,
            StrayLimiter strays,
            SessionOpener opener,
            HookDispatcher hooks,
            SessionContext context,
            LogText text,
            boolean failOpen) {
        this.loop = context.loop();
        this.table = context.table();
        this.listeners = listeners;
        this.cookies = cookies;
        this.admission = admission;
        this.strays = strays;
        this.context = context;
        this.requests = new SessionRequests(
                admission, opener, hooks, context, text, failOpen, (message, flow) -> reply(message, flow, null));
    }

    /** What came to a listener; the answers leave together. */
    void route(DatagramBatch batch, int count) {
        context.sender().hold();
        try {
            for (int i = 0; i < count; i++) {
                route(batch.get(i));
            }
        } finally {
            context.sender().release();
        }
    }

    /** One datagram or a train of them, from whichever socket: its own addresses say whose it is. */
    void route(Datagram datagram) {
        Flow flow = new Flow(datagram.remote(), datagram.local());
        LiveSession live = table.find(flow);
        int at = 0;
        do {
            int length = Math.min(datagram.pieceLength(), datagram.length() - at);
            routePiece(datagram, at, length, flow, live);
            at += length;
        } while (at < datagram.length());
        if (live != null) {
            live.tunnel().flush();
        }
    }

    private void routePiece(Datagram datagram, int at, int length, Flow flow, @Nullable LiveSession live) {
        if (length > LONGEST_PACKET) {
            context.counters().count(Event.TOO_LONG);
            return;
        }
        ByteBuffer packet = at == 0 ? datagram.buffer() : datagram.buffer().slice(at, length);
        Decoded decoded = ControlCodec.decode(packet, length);
        if (decoded instanceof DecodeFailure failure) {
            if (failure != DecodeFailure.DATA_PACKET) {
                context.counters().count(failure);
            } else if (live == null) {
                onStray(length, flow);
            } else if (live.session().state() != Session.State.DOWN) {
                live.tunnel().deliver(datagram.memory(), at, length);
            }
        } else if (decoded instanceof Handshake message) {
            onHandshake(message, flow, live);
        } else if (live != null) {
            live.onMessage((ControlMessage) decoded);
        } else if (decoded instanceof ControlMessage.Error) {
            requests.onError(flow);
        } else {
            onStray(length, flow);
        }
    }

    /** The broker stops: no further sessions. */
    void close() {
        requests.close();
    }

    /** A client behind a changed NAT, or of a broker that was restarted, learns at once that it must start anew. */
    private void onStray(int length, Flow flow) {
        boolean mayAnswer = length >= ControlCodec.MIN_LENGTH && table.opening(flow) == null;
        if (mayAnswer && strays.mayAnswer(flow.remote(), loop.nowNanos())) {
            context.counters().count(Event.STRAYS_ANSWERED);
            reply(NO_SUCH_SESSION, flow, null);
        } else {
            context.counters().count(Event.STRAYS_IGNORED);
        }
    }

    private void onHandshake(Handshake message, Flow flow, @Nullable LiveSession live) {
        if (message instanceof Cookie) {
            context.counters().count(Event.COOKIE_REPLIES);
            reply(new Cookie(cookies.mint(flow.remote(), flow.local(), loop.nowNanos())), flow, live);
        } else if (message instanceof UsageRequest) {
            context.counters().count(Event.USAGE_REPLIES);
            reply(new UsageReply(admission.usage(table.standing())), flow, live);
        } else if (message instanceof Prepare prepare) {
            onPrepare(prepare, flow, live);
        } else {
            context.counters().count(Event.WRONG_DIRECTION);
        }
    }

    private void onPrepare(Prepare prepare, Flow flow, @Nullable LiveSession live) {
        if (!cookies.accepts(prepare.cookie(), flow.remote(), flow.local(), loop.nowNanos())) {
            context.counters().count(Event.BAD_COOKIES);
        } else if (live != null) {
            live.apply(live.session().onPrepare(prepare));
        } else {
            requests.onPrepare(prepare, flow);
        }
    }

    private void reply(ControlMessage message, Flow flow, @Nullable LiveSession live) {
        if (live != null) {
            live.apply(new Effect.Send(message));
            return;
        }
        UdpSocket listener = listeners.socketFor(flow.local());
        if (listener != null) {
            context.sender().reply(message, flow, listener);
        }
    }
}
