// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.broker;

import java.io.IOException;
import java.time.Instant;
import java.util.OptionalInt;
import java.util.Set;
import java.util.random.RandomGenerator;
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
 * Opens sessions: tunnel id, socket, interface, in this order, and gives all of it back if any step fails. Loop thread
 * only.
 */
final class SessionOpener {
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

    /**
     * Opens a session that is ready to {@link LiveSession#start}.
     *
     * @throws IOException with what went wrong; nothing is left behind
     */
    LiveSession open(Flow flow, Prepare request, SessionProfile profile) throws IOException {
        listeners.anchor(flow.local());
        for (int attempt = 1; ; attempt++) {
            try {
                return openOnce(flow, request, profile);
            } catch (NativeException e) {
                if (e.errno() != Errno.EEXIST || attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    private LiveSession openOnce(Flow flow, Prepare request, SessionProfile profile) throws IOException {
        OptionalInt id = context.ids().take(context.loop().nowNanos());
        if (id.isEmpty()) {
            throw new IOException("no tunnel id is free");
        }
        try {
            SessionSpec spec = new SessionSpec(
                    id.getAsInt(),
                    request,
                    PmtuProfile.of(flow.local().v6()),
                    profile.mtu().orElse(fixedPmtu));
            // A socket for each attempt: after a failure the kernel may hold on to the one that it was given.
            UdpSocket socket = sockets.connected(flow);
            try {
                return openWith(spec, socket, flow, profile);
            } catch (IOException | RuntimeException e) {
                socket.close();
                throw e;
            }
        } catch (IOException | RuntimeException e) {
            context.ids().release(id.getAsInt(), context.loop().nowNanos());
            throw e;
        }
    }

    private LiveSession openWith(SessionSpec spec, UdpSocket socket, Flow flow, SessionProfile profile)
            throws IOException {
        TunnelInterface tunnel = datapath.open(
                new TunnelSpec(
                        spec.tunnelId(),
                        spec.peerTunnelId(),
                        spec.sessionId(),
                        spec.peerSessionId(),
                        spec.interfaceName(),
                        spec.startMtu()),
                socket);
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
        } catch (IOException | RuntimeException e) {
            loop.unwatch(socket.fd());
            tunnel.close();
            throw e;
        }
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
