// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.jshooks;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.tunneldigger.jshooks.ScriptStoppedException.Limit;

/**
 * The one thread that a script runs on. Who waits for it goes away when a limit is passed, whether the script reacts or not, so that
 * a script can hold up its own thread and no other. One caller at a time.
 */
final class ScriptThread {
    /** Deep enough for JavaScript's recursion, which costs many Java frames a call. */
    private static final long STACK_BYTES = 4L << 20;

    /** How often a running script's allocations are looked at: at a gigabyte a second it is stopped a few megabytes late. */
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private final ThreadPoolExecutor executor;
    private final Thread thread;

    ScriptThread(String scriptName) {
        ClassLoader loader = ScriptThread.class.getClassLoader();
        Thread[] made = new Thread[1];
        executor = new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
            Thread fresh = new Thread(null, task, "js-" + scriptName, STACK_BYTES);
            fresh.setDaemon(true);
            fresh.setContextClassLoader(loader);
            made[0] = fresh;
            return fresh;
        });
        executor.prestartCoreThread();
        thread = made[0];
    }

    /**
     * Runs something there and waits for it.
     *
     * @throws ScriptStoppedException if it passed a limit; it runs on, and the thread must not be used again
     * @throws ExecutionException with what it threw as cause, errors included
     * @throws InterruptedException if the waiting thread was interrupted; otherwise as with a limit
     */
    <T> T run(Duration timeout, long maxBytes, Callable<T> job)
            throws ScriptStoppedException, ExecutionException, InterruptedException {
        FutureTask<T> task = new FutureTask<>(job);
        long bytesBefore = allocatedBytes();
        long deadlineNanos = System.nanoTime() + timeout.toNanos();
        executor.execute(task);
        while (true) {
            long leftNanos = deadlineNanos - System.nanoTime();
            try {
                return task.get(Math.max(0, Math.min(leftNanos, LOOK_NANOS)), TimeUnit.NANOSECONDS);
            } catch (TimeoutException stillRunning) {
                if (leftNanos <= LOOK_NANOS) {
                    throw new ScriptStoppedException(Limit.TIME, "stopped after " + timeout.toMillis() + " ms");
                }
                if (allocatedBytes() - bytesBefore > maxBytes) {
                    throw new ScriptStoppedException(
                            Limit.ALLOCATION, "stopped, it allocated more than " + (maxBytes >> 20) + " MB");
                }
            }
        }
    }

    /** Lets the thread end once its job has, and waits for that; whether it did. An interrupt is kept for later. */
    boolean end(Duration patience) {
        executor.shutdown();
        boolean interrupted = false;
        long deadlineNanos = System.nanoTime() + patience.toNanos();
        try {
            while (true) {
                try {
                    return executor.awaitTermination(deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    boolean isAlive() {
        return thread.isAlive();
    }

    /** What the thread has allocated in its life; always 0 on a JVM that does not tell. */
    private long allocatedBytes() {
        return ManagementFactory.getThreadMXBean() instanceof com.sun.management.ThreadMXBean threads
                ? Math.max(0, threads.getThreadAllocatedBytes(thread.getId()))
                : 0;
    }
}
