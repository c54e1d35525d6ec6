// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.broker;

import java.io.IOException;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tunneldigger.api.event.ConnectionRateLimited;
import org.tunneldigger.api.event.SessionProfile;
import org.tunneldigger.broker.BrokerCounters.Event;
import org.tunneldigger.handshake.Admission;
import org.tunneldigger.hooks.HookDispatcher;
import org.tunneldigger.hooks.Verdict;
import org.tunneldigger.protocol.ControlMessage;
import org.tunneldigger.protocol.ControlMessage.Prepare;

/**
 * What becomes of a request with a good cookie: is there room, do the plugins allow it, and then the session is opened. Until
 * it is decided, the client's repeated requests wait for the same answer. Loop thread only.
 */
final class SessionRequests {
    private static final Logger log = LoggerFactory.getLogger(SessionRequests.class);
    private static final long LOG_GAP_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Admission admission;
    private final SessionOpener opener;
    private final HookDispatcher hooks;
    private final SessionContext context;
    private final LogText text;
    private final boolean failOpen;
    private final Replies replies;

    /** Those that plugins are being asked about; they count as tunnels, so there are at most max_tunnels. */
    private final Set<Flow> asked = new HashSet<>();

    private final RefusalLog refusals = new RefusalLog();
    private final LogPause failures = new LogPause(LOG_GAP_NANOS);
    private final LogPause denials = new LogPause(LOG_GAP_NANOS);
    private boolean closed;

    /** Answers a client that has no session. */
    interface Replies {
        void reply(ControlMessage message, Flow flow);
    }

    /** @param failOpen whether a plugin that does not answer session.authorize counts as one that allows */
    SessionRequests(
            Admission admission,
            SessionOpener opener,
            HookDispatcher hooks,
            SessionContext context,
            LogText text,
            boolean failOpen,
            Replies replies) {
        this.admission = admission;
        this.opener = opener;
        this.hooks = hooks;
        this.context = context;
        this.text = text;
        this.failOpen = failOpen;
        this.replies = replies;
    }

    /** A request of a client that has no session yet. */
    void onPrepare(Prepare prepare, Flow flow) {
        if (asked.contains(flow)) {
            return;
        }
        long nowNanos = context.loop().nowNanos();
        PendingRequest pending = context.table().opening(flow);
        if (pending != null) {
            pending.repeat(prepare, nowNanos);
            return;
        }
        int tunnels = context.ids().unavailable(nowNanos) + asked.size();
        Admission.Verdict verdict = admission.admit(flow.remote(), tunnels, hooks.saturated(), nowNanos);
        context.counters().count(verdict);
        if (verdict != Admission.Verdict.ADMITTED) {
            refusals.refused(verdict, nowNanos);
        }
        switch (verdict) {
            case ADMITTED -> ask(prepare, flow);
            case FULL, HOOKS_BUSY, RATE -> replies.reply(ControlMessage.Error.REFUSED, flow);
            case ADDRESS_RATE -> {
                replies.reply(ControlMessage.Error.REFUSED, flow);
                hooks.rateLimited(new ConnectionRateLimited(
                        flow.remote().toSocketAddress(),
                        flow.local().toSocketAddress(),
                        prepare.uuid(),
                        Instant.now()));
            }
        }
    }

    /** The broker stops: nobody gets a session any more, whatever plugins say. */
    void close() {
        closed = true;
        opener.close();
    }

    private void ask(Prepare prepare, Flow flow) {
        if (!hooks.decides()) {
            open(prepare, flow, SessionProfile.none());
            return;
        }
        asked.add(flow);
        hooks.decide(
                opener.describe(prepare, flow),
                failOpen,
                verdict -> context.loop().post(() -> decided(prepare, flow, verdict)));
    }

    private void decided(Prepare prepare, Flow flow, Verdict verdict) {
        asked.remove(flow);
        if (closed) {
            replies.reply(ControlMessage.Error.REFUSED, flow);
        } else if (verdict instanceof Verdict.Allowed allowed) {
            open(prepare, flow, allowed.profile());
        } else if (verdict instanceof Verdict.Denied denied) {
            context.counters().count(Event.SESSIONS_DENIED);
            replies.reply(ControlMessage.Error.REFUSED, flow);
            denials.line(
                    context.loop().nowNanos(),
                    more -> log.info(
                            "uuid \"{}\" from {} denied by plugin {}: {}{}",
                            LogText.ofUuid(prepare.uuid()),
                            text.of(flow.remote()),
                            denied.plugin(),
                            denied.reason(),
                            more));
        }
    }

    private void open(Prepare prepare, Flow flow, SessionProfile profile) {
        PendingRequest pending = new PendingRequest(context.loop().nowNanos());
        context.table().beginOpening(flow, pending);
        opener.open(flow, prepare, profile, pending, new SessionOpener.Asker() {
            @Override
            public void opened(LiveSession live) {
                context.table().endOpening(flow);
                begin(live, pending.repeated());
            }

            @Override
            public void failed(IOException failure) {
                context.table().endOpening(flow);
                if (context.table().isEmpty()) {
                    context.whenTableIsEmpty().run();
                }
                if (!closed && !pending.isWithdrawn()) {
                    refuse(prepare, flow, failure, pending.repeated());
                }
            }
        });
    }

    /** A client that has no session says that it wants none. */
    void onError(Flow flow) {
        PendingRequest pending = context.table().opening(flow);
        if (pending != null) {
            pending.withdraw();
        }
    }

    private void begin(LiveSession live, List<Prepare> repeated) {
        context.table().add(live);
        live.start();
        context.counters().count(Event.SESSIONS_OPENED);
        log.info(
                "session {} up: uuid \"{}\" from {} on {}, interface {}",
                live.session().spec().tunnelId(),
                LogText.ofUuid(live.session().spec().uuid()),
                text.of(live.flow().remote()),
                live.flow().local(),
                live.tunnel().name());
        repeated.forEach(request -> live.apply(live.session().onPrepare(request)));
    }

    private void refuse(Prepare prepare, Flow flow, IOException failure, List<Prepare> repeated) {
        replies.reply(ControlMessage.Error.REFUSED, flow);
        repeated.forEach(request -> replies.reply(ControlMessage.Error.REFUSED, flow));
        context.counters().count(Event.OPEN_FAILURES);
        failures.line(
                context.loop().nowNanos(),
                more -> log.warn(
                        "no session for uuid \"{}\": {}{}",
                        LogText.ofUuid(prepare.uuid()),
                        failure.getMessage(),
                        more));
    }
}
