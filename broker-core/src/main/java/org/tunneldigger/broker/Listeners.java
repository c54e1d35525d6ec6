// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.broker;

import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.ObjIntConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tunneldigger.config.BrokerConfig;
import org.tunneldigger.loop.EventLoop;
import org.tunneldigger.nativeio.DatagramBatch;
import org.tunneldigger.nativeio.Errno;
import org.tunneldigger.nativeio.NativeException;
import org.tunneldigger.nativeio.UdpSocket;
import org.tunneldigger.protocol.Endpoint;

/**
 * The sockets on which clients without a session are heard: every configured address with every port. Under a wildcard
 * address each address that a session uses gets a listener of its own, so that the session's socket joins a group whose
 * first member is a listener (see {@link SocketFactory#listener}).
 */
final class Listeners implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Listeners.class);
    private static final int BATCH = 64;

    /** A predecessor's sockets outlive it for some 100 ms in the kernel; an IPv6 address takes 1 to 2 s to be usable. */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final SocketFactory sockets;
    private final EventLoop loop;
    private final DatagramBatch batch = new DatagramBatch(BATCH);
    private final Map<Endpoint, UdpSocket> byAddress = new LinkedHashMap<>();
    private @Nullable ObjIntConsumer<DatagramBatch> receiver;

    Listeners(SocketFactory sockets, EventLoop loop) {
        this.sockets = sockets;
        this.loop = loop;
    }

    /**
     * Binds what can be bound; each address and port that cannot is skipped with a warning.
     *
     * @throws IOException if none is left
     */
    void bindAll(BrokerConfig.Listen listen) throws IOException {
        List<Endpoint> free = new ArrayList<>();
        List<String> refusals = new ArrayList<>();
        long giveUpNanos = System.nanoTime() + PATIENCE_NANOS; // for all of them together
        for (InetAddress address : listen.addresses()) {
            for (int port : listen.ports()) {
                Endpoint endpoint = Endpoint.of(address, port);
                if (isFree(endpoint, giveUpNanos, refusals)) {
                    free.add(endpoint);
                }
            }
        }
        for (Endpoint endpoint : free) {
            try {
                byAddress.put(endpoint, sockets.listener(endpoint));
            } catch (IOException e) {
                refused(endpoint, e, refusals);
            }
        }
        if (byAddress.isEmpty()) {
            throw new IOException("no address and port could be bound: " + String.join("; ", refusals)
                    + "; see [broker] address and port in the configuration");
        }
    }

    private static void refused(Endpoint endpoint, IOException e, List<String> refusals) {
        log.warn("not listening on {}: {}", endpoint, e.getMessage());
        refusals.add(e.getMessage());
    }

    private boolean isFree(Endpoint endpoint, long giveUpNanos, List<String> refusals) {
        while (true) {
            try {
                sockets.probeFree(endpoint);
                return true;
            } catch (IOException e) {
                if (!mayPass(e, endpoint) || System.nanoTime() - giveUpNanos > 0 || !pause()) {
                    refused(endpoint, e, refusals);
                    return false;
                }
            }
        }
    }

    private static boolean mayPass(IOException e, Endpoint endpoint) {
        int errno = e instanceof NativeException failure ? failure.errno() : 0;
        return errno == Errno.EADDRINUSE || (errno == Errno.EADDRNOTAVAIL && endpoint.v6());
    }

    private static boolean pause() {
        try {
            Thread.sleep(50);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /**
     * Starts to hand datagrams over.
     *
     * @param batchReceiver gets a batch and how many datagrams are in it, 1 or more
     */
    void start(ObjIntConsumer<DatagramBatch> batchReceiver) throws IOException {
        receiver = batchReceiver;
        for (UdpSocket socket : byAddress.values()) {
            watch(socket, batchReceiver);
        }
    }

    /** What is listened on. */
    List<Endpoint> endpoints() {
        return List.copyOf(byAddress.keySet());
    }

    /** The socket that answers for this address and port of ours; null once closed. */
    @Nullable
    UdpSocket socketFor(Endpoint local) {
        UdpSocket exact = byAddress.get(local);
        return exact != null ? exact : byAddress.get(wildcardOf(local));
    }

    /** Makes sure that a listener is bound to exactly this address, before a session's socket is. */
    void anchor(Endpoint local) {
        ObjIntConsumer<DatagramBatch> handler = receiver;
        if (byAddress.containsKey(local) || handler == null) {
            return;
        }
        try {
            UdpSocket socket = sockets.listener(local);
            byAddress.put(local, socket);
            watch(socket, handler);
        } catch (IOException e) {
            // Without it a stranger's packet may land on a session's socket; the router copes with that.
            log.debug("no listener of its own for {}: {}", local, e.getMessage());
        }
    }

    private void watch(UdpSocket socket, ObjIntConsumer<DatagramBatch> handler) throws IOException {
        loop.watch(socket.fd(), () -> {
            int count = socket.receive(batch);
            if (count > 0) {
                handler.accept(batch, count);
            }
        });
    }

    private static Endpoint wildcardOf(Endpoint local) {
        return new Endpoint(local.v6(), 0, 0, 0, local.port());
    }

    @Override
    public void close() {
        for (UdpSocket socket : byAddress.values()) {
            loop.unwatch(socket.fd());
            socket.close();
        }
        byAddress.clear();
    }
}
