// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.hooks;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads that hooks run on: as many as configured, plus one for each thread that a stuck hook holds. Idle threads
 * end. All are daemons, so that a stuck hook never keeps the broker from exiting.
 */
final class HookWorkers {
    private static final long IDLE_SECONDS = 10;

    private final ThreadPoolExecutor pool;

    HookWorkers(int count) {
        this(count, daemons("hook-worker-"));
    }

    HookWorkers(int count, ThreadFactory threads) {
        pool = elastic(count, threads);
    }

    /** A pool of daemon threads with an unbounded queue, whose threads end when idle. */
    static ThreadPoolExecutor elastic(int count, ThreadFactory threads) {
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                count, count, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), threads);
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    static ThreadFactory daemons(String namePrefix) {
        AtomicInteger number = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, namePrefix + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }

    void execute(Runnable task) {
        pool.execute(task);
    }

    /** A stuck hook holds one of the threads from now on: one more may start in its place. */
    synchronized void threadLost() {
        pool.setMaximumPoolSize(pool.getMaximumPoolSize() + 1);
        pool.setCorePoolSize(pool.getCorePoolSize() + 1);
    }

    /** A stuck hook gave its thread back. */
    synchronized void threadReturned() {
        pool.setCorePoolSize(pool.getCorePoolSize() - 1);
        pool.setMaximumPoolSize(pool.getMaximumPoolSize() - 1);
    }
}
