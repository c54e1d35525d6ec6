// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.broker;

import java.io.IOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tunneldigger.api.event.EndReason;
import org.tunneldigger.config.AuthorizeFailure;
import org.tunneldigger.config.BrokerConfig;
import org.tunneldigger.datapath.Datapath;
import org.tunneldigger.handshake.Admission;
import org.tunneldigger.handshake.AdmissionLimits;
import org.tunneldigger.handshake.CookieMint;
import org.tunneldigger.handshake.StrayLimiter;
import org.tunneldigger.hooks.HookDispatcher;
import org.tunneldigger.hooks.Outcome;
import org.tunneldigger.hooks.RegisteredPlugin;
import org.tunneldigger.loop.EventLoop;
import org.tunneldigger.nativeio.Datagram;
import org.tunneldigger.protocol.Endpoint;
import org.tunneldigger.session.Effect;
import org.tunneldigger.session.IdPool;

/**
 * A broker of one configuration: its listeners, its sessions, and the order in which they come and go. Bound first,
 * started when the datapath is known, then driven by the loop alone.
 */
public final class Broker {
    private static final Logger log = LoggerFactory.getLogger(Broker.class);

    /** Of the 20 s that a stop may take: until when running hooks of sessions' lives, pre-down and down hooks may go on. */
    private static final long HURRY_OTHERS_NANOS = TimeUnit.SECONDS.toNanos(4);

    private static final long HURRY_PRE_DOWN_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long HURRY_DOWN_NANOS = TimeUnit.SECONDS.toNanos(15);
    private static final long GIVE_UP_NANOS = TimeUnit.SECONDS.toNanos(17);

    private final BrokerConfig config;
    private final EventLoop loop;
    private final HookDispatcher hooks;
    private final Datagram datagram = new Datagram();
    private final SessionTable table = new SessionTable();
    private final BrokerCounters counters = new BrokerCounters();
    private final SocketFactory sockets;
    private final Listeners listeners;
    private @Nullable PacketRouter router;
    private boolean stopping;
    private boolean ended;

    public Broker(BrokerConfig config, EventLoop loop, HookDispatcher hooks) {
        this.config = config;
        this.loop = loop;
        this.hooks = hooks;
        this.sockets = new SocketFactory(config.listen().interfaceName());
        this.listeners = new Listeners(sockets, loop);
    }

    /**
     * Takes the configured addresses and ports; nothing is read from them yet.
     *
     * @throws IOException if none can be had
     */
    public void bind() throws IOException {
        listeners.bindAll(config.listen());
    }

    /**
     * Removes what an earlier broker left in our range of tunnel ids, and begins to answer.
     *
     * @param datapath opened and probed; it stays the caller's
     */
    public void start(Datapath datapath) throws IOException {
        BrokerConfig.Sessions sessions = config.sessions();
        datapath.removeLeftovers(sessions.idBase(), sessions.maxTunnels());
        SecureRandom random = new SecureRandom();
        SessionContext context = new SessionContext(
                loop,
                table,
                new IdPool(sessions.idBase(), sessions.maxTunnels()),
                new ControlSender(counters),
                counters,
                this::onTableEmpty);
        SessionOpener opener = new SessionOpener(
                sockets,
                listeners,
                datapath,
                hooks,
                context,
                sessions.fixedPmtu(),
                new SessionSockets(datagram, this::route));
        router = new PacketRouter(
                listeners,
                new CookieMint(random, loop.nowNanos()),
                new Admission(admissionLimits()),
                new StrayLimiter(random),
                opener,
                hooks,
                context,
                new LogText(config.log().ipAddresses()),
                config.plugins().authorizeFailure() == AuthorizeFailure.ALLOW);
        listeners.start(router::route);
    }

    /** The addresses and ports that are listened on. */
    public List<Endpoint> endpoints() {
        return listeners.endpoints();
    }

    public BrokerCounters counters() {
        return counters;
    }

    /**
     * Loop thread: ends all sessions in order and then stops the loop. Peers are told first, all of them, so that none
     * waits for another's hooks; then every session gets its pre-down and its down hooks, within 17 s. A second call cuts
     * the hooks off.
     */
    public void shutdown() {
        long now = System.nanoTime();
        if (stopping) {
            log.info("stopping at once: running hooks are cut off");
            hooks.hurry(now, now, now);
            return;
        }
        stopping = true;
        log.info("stopping: {} sessions to end", table.standing());
        listeners.close();
        if (router != null) {
            router.close();
        }
        Map<LiveSession, List<Effect>> later = new LinkedHashMap<>();
        for (LiveSession live : table.snapshot()) {
            List<Effect> rest = new ArrayList<>();
            for (Effect effect : live.session().close(EndReason.SHUTDOWN)) {
                if (effect instanceof Effect.Send) {
                    live.apply(effect);
                } else {
                    rest.add(effect);
                }
            }
            later.put(live, rest);
        }
        hooks.hurry(now + HURRY_OTHERS_NANOS, now + HURRY_PRE_DOWN_NANOS, now + HURRY_DOWN_NANOS);
        later.forEach(LiveSession::apply);
        loop.schedule(now + GIVE_UP_NANOS, this::giveUp);
        if (table.isEmpty()) {
            onTableEmpty();
        }
    }

    /**
     * Loop thread: takes these plugins instead of those that there are.
     *
     * @param arrived the one that is new, if any: it is told of the sessions that are up
     */
    public void setPlugins(List<RegisteredPlugin> plugins, Optional<RegisteredPlugin> arrived) {
        hooks.setPlugins(plugins);
        arrived.ifPresent(plugin -> table.snapshot().forEach(live -> live.announce(plugin)));
    }

    private void route(Datagram received) {
        if (router != null) {
            router.route(received);
        }
    }

    private void giveUp() {
        log.warn(
                "hooks of {} sessions did not end in time; their interfaces are removed now",
                table.snapshot().size());
        for (LiveSession live : table.snapshot()) {
            live.apply(live.session().onPreDownDone());
            live.apply(live.session().onDownDone());
        }
        onTableEmpty();
    }

    private void onTableEmpty() {
        if (stopping && !ended) {
            ended = true;
            logEnd();
            loop.stop();
        }
    }

    /** Whoever was not cleaned up after is named: the operator may have to. */
    private void logEnd() {
        String cutOff = hooks.snapshot().counts().stream()
                .filter(count -> count.count() > 0)
                .filter(count -> count.outcome() == Outcome.SKIPPED || count.outcome() == Outcome.TIMED_OUT)
                .map(count -> "%s %s %s %d".formatted(count.plugin(), count.hook(), count.outcome(), count.count()))
                .collect(Collectors.joining(", "));
        if (!cutOff.isEmpty()) {
            log.warn("hook calls that were skipped or cut off since the start: {}", cutOff);
        }
        String calls = hooks.snapshot().counts().stream()
                .filter(count -> count.count() > 0)
                .map(count -> "%s %s %s %d"
                        .formatted(count.plugin(), count.hook().configuredName(), count.outcome(), count.count()))
                .collect(Collectors.joining(", "));
        log.info("hook calls: {}", calls.isEmpty() ? "none" : calls);
        log.info("stopped; seen: {}", counters);
    }

    private AdmissionLimits admissionLimits() {
        BrokerConfig.Limits limits = config.limits();
        return new AdmissionLimits(
                config.sessions().maxTunnels(),
                limits.connectionIntervalNanos(),
                limits.perAddressCount(),
                limits.perAddressWindowNanos());
    }
}
