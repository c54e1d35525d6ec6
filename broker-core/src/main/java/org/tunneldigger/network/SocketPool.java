// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.network;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.tunneldigger.nativeio.Errno;
import org.tunneldigger.nativeio.NativeException;
import org.tunneldigger.netlink.Rtnetlink;

/**
 * Lends each caller a socket of its own. A socket on which something failed is not lent again. Usable from every thread;
 * all callers must be in one network namespace, as a socket stays in that of the thread that opened it.
 */
final class SocketPool implements AutoCloseable {
    /**
     * The kernel does one such request after another, whoever asks (net/core/rtnetlink.c, rtnl_lock), and lets those who wait spin: more at a
     * time would only take time from the event loop.
     */
    private static final int AT_A_TIME = 2;

    private final Semaphore turns = new Semaphore(AT_A_TIME, true);

    private final Deque<Rtnetlink> idle = new ArrayDeque<>(); // guarded by itself
    private boolean closed; // guarded by idle

    /** What is done with a socket. */
    interface Body<T> {
        T apply(Rtnetlink socket) throws NativeException;
    }

    /** @throws NativeException as the body, and {@code EINTR} if the thread was interrupted before its turn */
    <T> T with(Body<T> body) throws NativeException {
        try {
            turns.acquire();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NativeException("wait for a netlink socket", Errno.EINTR);
        }
        try {
            return withSocket(body);
        } finally {
            turns.release();
        }
    }

    private <T> T withSocket(Body<T> body) throws NativeException {
        Rtnetlink socket = take();
        boolean done = false;
        try {
            T result = body.apply(socket);
            done = true;
            return result;
        } finally {
            if (!done || !keep(socket)) {
                socket.close();
            }
        }
    }

    private Rtnetlink take() throws NativeException {
        synchronized (idle) {
            @Nullable Rtnetlink socket = idle.pollFirst();
            if (socket != null) {
                return socket;
            }
        }
        return Rtnetlink.open();
    }

    private boolean keep(Rtnetlink socket) {
        synchronized (idle) {
            if (closed || idle.size() == AT_A_TIME) {
                return false;
            }
            idle.addFirst(socket);
            return true;
        }
    }

    /** Idempotent. A hook that was left behind may still call: its socket is closed after each call. */
    @Override
    public void close() {
        synchronized (idle) {
            closed = true;
            idle.forEach(Rtnetlink::close);
            idle.clear();
        }
    }
}
