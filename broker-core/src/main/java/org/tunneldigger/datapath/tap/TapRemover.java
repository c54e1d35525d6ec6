// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.datapath.tap;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tunneldigger.nativeio.NativeException;
import org.tunneldigger.nativeio.TapDevice;
import org.tunneldigger.netlink.Rtnetlink;

/**
 * Removes TAP devices on a thread of its own, all that wait at once. The kernel waits some 15 ms for its other CPUs whenever a device
 * goes, for one as for a thousand that are deleted together as a group (net/core/dev.c, unregister_netdevice_many). So the
 * event loop does not stand still, and a broker with a thousand sessions stops within a second.
 *
 * <p>Safe for all threads.
 */
final class TapRemover implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(TapRemover.class);
    private static final long IDLE_SECONDS = 10;
    private static final long LAST_CALL_SECONDS = 10;

    /** Ours among the groups of interfaces; with the process in it, so that two brokers don't remove each other's. */
    private final int group = 0x7464_0000 | (int) (ProcessHandle.current().pid() & 0xFFFF);

    private final Rtnetlink rtnetlink;
    private final ThreadPoolExecutor executor;
    private final List<Doomed> waiting = new ArrayList<>();

    private record Doomed(TapDevice device, int index) {}

    /** @param rtnetlink of this remover alone; closed with it */
    TapRemover(Rtnetlink rtnetlink) {
        this.rtnetlink = rtnetlink;
        this.executor =
                new ThreadPoolExecutor(1, 1, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                    Thread thread = new Thread(task, "tap-remover");
                    thread.setDaemon(true);
                    return thread;
                });
        executor.allowCoreThreadTimeOut(true);
    }

    /** The device goes soon; the caller uses it no more. */
    void remove(TapDevice device, int index) {
        boolean first;
        synchronized (waiting) {
            first = waiting.isEmpty();
            waiting.add(new Doomed(device, index));
        }
        if (first) {
            executor.execute(this::removeWaiting);
        }
    }

    /** Waits until all are gone. */
    @Override
    public void close() {
        executor.shutdown();
        try {
            if (!executor.awaitTermination(LAST_CALL_SECONDS, TimeUnit.SECONDS)) {
                log.warn("TAP devices are still being removed");
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        rtnetlink.close();
    }

    private void removeWaiting() {
        List<Doomed> batch;
        synchronized (waiting) {
            batch = List.copyOf(waiting);
            waiting.clear();
        }
        if (batch.size() > 1) {
            deleteTogether(batch);
        }
        // Where that failed, and for a single one, the device goes with its descriptor.
        batch.forEach(doomed -> doomed.device().close());
    }

    private void deleteTogether(List<Doomed> batch) {
        try {
            for (Doomed doomed : batch) {
                rtnetlink.links().setGroup(doomed.index(), group);
            }
            rtnetlink.links().deleteGroup(group);
        } catch (NativeException e) {
            log.debug("{} TAP devices are removed one by one: {}", batch.size(), e.getMessage());
        }
    }
}
