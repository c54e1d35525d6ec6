// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.plugins;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tunneldigger.api.PluginMetrics;
import org.tunneldigger.api.PluginScheduler;
import org.tunneldigger.hooks.OneLine;

/** One plugin's scheduler: one thread, which lives while there are jobs. Safe for all threads. */
final class PluginClock implements PluginScheduler, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(PluginClock.class);
    private static final long IDLE_SECONDS = 10;
    private static final Duration SHORTEST_INTERVAL = Duration.ofMillis(1);

    private final String pluginId;
    private final PluginMetrics.Counter failures;
    private final ScheduledThreadPoolExecutor executor;

    PluginClock(String pluginId, ClassLoader loader, PluginMetrics metrics) {
        this.pluginId = pluginId;
        this.failures = metrics.counter("scheduled_failures", "Scheduled jobs of the plugin that threw.");
        this.executor = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "plugin-" + pluginId);
            thread.setDaemon(true);
            thread.setContextClassLoader(loader);
            return thread;
        });
        executor.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
        executor.allowCoreThreadTimeOut(true);
        executor.setRemoveOnCancelPolicy(true);
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        executor.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
    }

    @Override
    public Task after(Duration delay, Job job) {
        return task(executor.schedule(() -> run(job), Math.max(0, delay.toNanos()), TimeUnit.NANOSECONDS));
    }

    @Override
    public Task every(Duration interval, Job job) {
        if (interval.compareTo(SHORTEST_INTERVAL) < 0) {
            throw new IllegalArgumentException("an interval below 1 ms");
        }
        long nanos = interval.toNanos();
        return task(executor.scheduleWithFixedDelay(() -> run(job), nanos, nanos, TimeUnit.NANOSECONDS));
    }

    /** Begins no further job, and interrupts the one that runs. */
    @Override
    public void close() {
        executor.shutdownNow();
    }

    private static Task task(Future<?> future) {
        return () -> future.cancel(false);
    }

    private void run(Job job) {
        try {
            job.run();
        } catch (Throwable thrown) {
            // Plugins are strangers: whatever it is, the next run must not be lost by it.
            if (!executor.isShutdown()) {
                failures.increment();
                log.warn("plugin {}: a scheduled job failed: {}", pluginId, OneLine.of(thrown));
                log.debug("plugin {}", pluginId, thrown);
            }
        }
    }
}
