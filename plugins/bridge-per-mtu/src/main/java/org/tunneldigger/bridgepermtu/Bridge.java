// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.bridgepermtu;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.slf4j.Logger;
import org.tunneldigger.api.net.NetworkException;

/**
 * One bridge. Ports join side by side once it is complete; it is made, emptied and removed by one thread while none joins.
 */
final class Bridge implements Place {
    /** The bridge is gone or down, or something else has its name. */
    private static final Set<String> SPOILT = Set.of("ENODEV", "EINVAL", "ENETDOWN");

    private static final long ROUTE_AGE_NANOS = 1_000_000_000L;

    private final BridgePlan plan;
    private final KernelBridge kernel;
    private final Logger logger;

    private final ReadWriteLock lock = new ReentrantReadWriteLock();
    private final Set<String> ports = ConcurrentHashMap.newKeySet(); // the sessions' own
    private volatile boolean ready; // becomes true with the write lock held
    private volatile boolean routed;
    private volatile long routedNanos;
    private boolean madeHere; // guarded by the write lock

    Bridge(BridgePlan plan, KernelBridge kernel, Logger logger) {
        this.plan = plan;
        this.kernel = kernel;
        this.logger = logger;
    }

    @Override
    public void join(String port, int mtu) throws NetworkException {
        if (joinReady(port, mtu)) {
            return;
        }
        lock.writeLock().lock();
        try {
            complete();
            attach(port, mtu);
        } finally {
            lock.writeLock().unlock();
        }
    }

    private boolean joinReady(String port, int mtu) throws NetworkException {
        lock.readLock().lock();
        try {
            if (ready) {
                attach(port, mtu);
                return true;
            }
        } catch (NetworkException e) {
            if (!SPOILT.contains(e.errnoName())) {
                throw e;
            }
            // Somebody may have deleted the bridge since it was made. If it is the port that is gone, that shows again.
            ready = false;
            routed = false;
        } finally {
            lock.readLock().unlock();
        }
        return false;
    }

    private void attach(String port, int mtu) throws NetworkException {
        ports.add(port);
        kernel.attach(port, mtu);
        // Now and then again: somebody who takes the bridge down and up takes the route away.
        long nowNanos = System.nanoTime();
        if (!routed || nowNanos - routedNanos > ROUTE_AGE_NANOS) {
            kernel.route();
            routedNanos = nowNanos;
            routed = true;
        }
    }

    /** Makes the bridge now. */
    void prepare() throws NetworkException {
        lock.writeLock().lock();
        try {
            complete();
        } finally {
            lock.writeLock().unlock();
        }
    }

    private void complete() throws NetworkException {
        if (!ready) {
            routed = false;
            madeHere |= kernel.make();
            ready = true;
            logger.info("bridge {} is ready", plan.name());
        }
    }

    @Override
    public void leave(String port) throws NetworkException {
        ports.remove(port);
        tidyIfEmpty();
    }

    /** Without ports it must not attract what belongs to another bridge with the same address. */
    void tidyIfEmpty() throws NetworkException {
        if (!ports.isEmpty()) {
            return;
        }
        lock.writeLock().lock();
        try {
            // The kernel knows also of ports that are not ours.
            if (!ports.isEmpty() || kernel.hasPorts()) {
                return;
            }
            routed = false;
            if (!goes()) {
                kernel.unroute();
            } else {
                ready = false;
                if (kernel.remove()) {
                    madeHere = false;
                    logger.info("bridge {} is empty, removed", plan.name());
                }
            }
        } finally {
            lock.writeLock().unlock();
        }
    }

    private boolean goes() {
        return switch (plan.whenEmpty()) {
            case STAYS -> false;
            case GOES_IF_MADE_HERE -> madeHere;
            case GOES -> true;
        };
    }
}
