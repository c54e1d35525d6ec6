// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.broker;

import java.io.IOException;
import java.time.Instant;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tunneldigger.api.event.ClientFeature;
import org.tunneldigger.api.event.SessionInfo;
import org.tunneldigger.api.event.SessionProfile;
import org.tunneldigger.api.event.SessionRequest;
import org.tunneldigger.datapath.Datapath;
import org.tunneldigger.datapath.TunnelInterface;
import org.tunneldigger.datapath.TunnelSpec;
import org.tunneldigger.hooks.HookDispatcher;
import org.tunneldigger.loop.EventLoop;
import org.tunneldigger.nativeio.Errno;
import org.tunneldigger.nativeio.NativeException;
import org.tunneldigger.nativeio.UdpSocket;
import org.tunneldigger.protocol.ControlMessage;
import org.tunneldigger.protocol.ControlMessage.Prepare;
import org.tunneldigger.session.PmtuProfile;
import org.tunneldigger.session.Session;
import org.tunneldigger.session.SessionSpec;

/**
 * Opens sessions: tunnel id, socket, interface, in this order, and gives all of it back if any step fails. Socket and interface are
 * made on a thread of its own, one session after the other: the kernel has one lock for all that changes its network (RTNL), and while
 * hooks, other programs or a module's notifiers hold it, packets of others are answered. While hooks wait in large numbers no further
 * session is made. All methods are the loop thread's but for {@link Opening#make}.
 */
final class SessionOpener {
    private static final Logger log = LoggerFactory.getLogger(SessionOpener.class);

    private static final String THREAD = "session-opener";

    /** How often to look whether fewer hooks wait. */
    private static final long LOOK_MILLIS = 10;

    /** Ids to try when the kernel says that one is taken: by a tunnel of somebody else, in our range. */
    private static final int ATTEMPTS = 3;

    private final SocketFactory sockets;
    private final Listeners listeners;
    private final Datapath datapath;
    private final HookDispatcher hooks;
    private final SessionContext context;
    private final int fixedPmtu;
    private final SessionSockets receivers;
    private final RandomGenerator random = RandomGenerator.getDefault();
    private final ExecutorService thread = Executors.newSingleThreadExecutor(task -> {
        Thread made = new Thread(task, THREAD);
        made.setDaemon(true);
        return made;
    });

    /** Written by the loop's thread, read by the opener's. */
    private volatile boolean closed;

    /** Who asked for a session. One of the two is called, once, by the loop's thread. */
    interface Asker {
        /** It is ready to {@link LiveSession#start}; not in the table yet. */
        void opened(LiveSession live);

        /** @param failure says what went wrong; nothing is left behind */
        void failed(IOException failure);
    }

    SessionOpener(
            SocketFactory sockets,
            Listeners listeners,
            Datapath datapath,
            HookDispatcher hooks,
            SessionContext context,
            int fixedPmtu,
            SessionSockets receivers) {
        this.sockets = sockets;
        this.listeners = listeners;
        this.datapath = datapath;
        this.hooks = hooks;
        this.context = context;
        this.fixedPmtu = fixedPmtu;
        this.receivers = receivers;
    }

    /** Begins to open a session. */
    void open(Flow flow, Prepare request, SessionProfile profile, PendingRequest pending, Asker asker) {
        listeners.anchor(flow.local());
        new Opening(flow, request, profile, pending, asker).attempt();
    }

    /** No further sessions; those that are being opened fail. */
    void close() {
        closed = true;
        thread.shutdown();
    }

    /** One session on its way; the loop's thread has it but for {@link #make}. */
    private final class Opening {
        private final Flow flow;
        private final Prepare request;
        private final SessionProfile profile;
        private final PendingRequest pending;
        private final Asker asker;
        private int attempts;

        Opening(Flow flow, Prepare request, SessionProfile profile, PendingRequest pending, Asker asker) {
            this.flow = flow;
            this.request = request;
            this.profile = profile;
            this.pending = pending;
            this.asker = asker;
        }

        void attempt() {
            if (closed) { // asked for by way of a session's socket, as listeners are closed
                asker.failed(stopping());
                return;
            }
            attempts++;
            OptionalInt id = context.ids().take(context.loop().nowNanos());
            if (id.isEmpty()) {
                asker.failed(new IOException("no tunnel id is free"));
                return;
            }
            try {
                SessionSpec spec = new SessionSpec(
                        id.getAsInt(),
                        request,
                        PmtuProfile.of(flow.local().v6()),
                        profile.mtu().orElse(fixedPmtu));
                thread.execute(() -> make(spec));
            } catch (RuntimeException | Error e) { // no thread to be had, perhaps
                notMade(id.getAsInt(), e);
            }
        }

        /** The opener's thread. */
        private void make(SessionSpec spec) {
            try {
                awaitHooks();
                checkWanted();
                if (pending.isStale(System.nanoTime())) {
                    throw new IOException("the client has not asked again for long");
                }
                // A socket for each attempt: after a failure the kernel may hold on to the one that it was given.
                UdpSocket socket = sockets.connected(flow);
                try {
                    TunnelInterface tunnel = datapath.open(tunnelSpec(spec), socket);
                    context.loop().post(() -> made(spec, socket, tunnel));
                } catch (IOException | RuntimeException | Error e) {
                    socket.close();
                    throw e;
                }
            } catch (IOException | RuntimeException | Error e) {
                context.loop().post(() -> notMade(spec.tunnelId(), e));
            }
        }

        private void made(SessionSpec spec, UdpSocket socket, TunnelInterface tunnel) {
            LiveSession live;
            try {
                checkWanted();
                live = watched(spec, socket, tunnel);
            } catch (IOException | RuntimeException | Error e) {
                tunnel.close();
                socket.close();
                notMade(spec.tunnelId(), e);
                return;
            }
            asker.opened(live);
        }

        private LiveSession watched(SessionSpec spec, UdpSocket socket, TunnelInterface tunnel) throws IOException {
            EventLoop loop = context.loop();
            LiveSession live = new LiveSession(
                    new Session(spec, loop.nowNanos(), random),
                    flow,
                    socket,
                    tunnel,
                    hooks.openLane(info(spec, flow, profile)),
                    profile,
                    context);
            try {
                loop.watch(socket.fd(), () -> receivers.receive(live));
                if (tunnel.readableFd() >= 0) {
                    loop.watch(tunnel.readableFd(), live::onFramesReadable);
                }
                return live;
            } catch (IOException | RuntimeException | Error e) {
                loop.unwatch(socket.fd());
                throw e;
            }
        }

        private void notMade(int tunnelId, Throwable e) {
            context.ids().release(tunnelId, context.loop().nowNanos());
            boolean taken = e instanceof NativeException failure && failure.errno() == Errno.EEXIST;
            if (taken && attempts < ATTEMPTS) {
                attempt();
            } else if (e instanceof IOException failure) {
                asker.failed(failure);
            } else {
                log.error("a defect in the broker, please report it", e);
                asker.failed(new IOException("a defect: " + e, e));
            }
        }

        private void checkWanted() throws IOException {
            if (closed) {
                throw stopping();
            }
            if (pending.isWithdrawn()) {
                throw new IOException("the client gave up");
            }
        }
    }

    /** More sessions would only have their hooks wait longer. */
    private void awaitHooks() throws IOException {
        try {
            while (hooks.saturated() && !closed) {
                Thread.sleep(LOOK_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private static IOException stopping() {
        return new IOException("the broker stops");
    }

    private static TunnelSpec tunnelSpec(SessionSpec spec) {
        return new TunnelSpec(
                spec.tunnelId(),
                spec.peerTunnelId(),
                spec.sessionId(),
                spec.peerSessionId(),
                spec.interfaceName(),
                spec.startMtu());
    }

    /** The request as plugins are asked about it. */
    SessionRequest describe(Prepare request, Flow flow) {
        return new SessionRequest(
                request.uuid(),
                flow.remote().toSocketAddress(),
                flow.local().toSocketAddress(),
                features(request.features().orElse(0)),
                kind(),
                Instant.now());
    }

    private SessionInfo info(SessionSpec spec, Flow flow, SessionProfile profile) {
        return new SessionInfo(
                spec.tunnelId(),
                spec.sessionId(),
                spec.interfaceName(),
                flow.remote().toSocketAddress(),
                flow.local().toSocketAddress(),
                spec.uuid(),
                kind(),
                features(spec.features().orElse(0)),
                profile,
                Instant.now());
    }

    private org.tunneldigger.api.event.Datapath kind() {
        return switch (datapath.kind()) {
            case KERNEL -> org.tunneldigger.api.event.Datapath.KERNEL;
            case TAP -> org.tunneldigger.api.event.Datapath.TAP;
        };
    }

    private static Set<ClientFeature> features(long bits) {
        return (bits & ControlMessage.FEATURE_UNIQUE_SESSION_IDS) != 0
                ? Set.of(ClientFeature.UNIQUE_SESSION_ID)
                : Set.of();
    }
}
