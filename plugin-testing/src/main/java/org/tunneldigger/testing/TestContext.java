// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.testing;

import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.DoubleSupplier;
import org.tunneldigger.api.PluginConfiguration;
import org.tunneldigger.api.PluginContext;
import org.tunneldigger.api.PluginMetrics;
import org.tunneldigger.api.PluginScheduler;
import org.tunneldigger.api.net.LinuxNetwork;

/**
 * A plugin's context for a test: keeps what is logged and counted, and runs scheduled jobs on a thread of its own.
 *
 * @param network where the plugin needs none, {@link #of(String, Map)}
 */
public record TestContext(
        String id,
        PluginConfiguration configuration,
        RecordingLogger logger,
        LinuxNetwork network,
        Clock scheduler,
        Figures metrics)
        implements PluginContext, AutoCloseable {

    /** A context whose network must not be touched. */
    public static TestContext of(String id, Map<String, String> section) {
        LinuxNetwork none = (LinuxNetwork) Proxy.newProxyInstance(
                LinuxNetwork.class.getClassLoader(), new Class<?>[] {LinuxNetwork.class}, (proxy, verb, arguments) -> {
                    throw new AssertionError("this plugin changes no network itself: " + verb.getName());
                });
        return of(id, section, none);
    }

    public static TestContext of(String id, Map<String, String> section, LinuxNetwork network) {
        return new TestContext(
                id,
                PluginConfiguration.of("plugin." + id, section),
                new RecordingLogger(),
                network,
                new Clock(),
                new Figures());
    }

    /** Ends the scheduler, as the broker does after the plugin's close. */
    @Override
    public void close() {
        scheduler.executor.shutdownNow();
    }

    /** Runs jobs when their time has come. */
    public static final class Clock implements PluginScheduler {
        private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "test-scheduler");
            thread.setDaemon(true);
            return thread;
        });

        @Override
        public Task after(Duration delay, Job job) {
            return task(executor.schedule(guarded(job), delay.toNanos(), TimeUnit.NANOSECONDS));
        }

        @Override
        public Task every(Duration interval, Job job) {
            long nanos = interval.toNanos();
            return task(executor.scheduleWithFixedDelay(guarded(job), nanos, nanos, TimeUnit.NANOSECONDS));
        }

        private static Task task(Future<?> future) {
            return () -> future.cancel(false);
        }

        private static Runnable guarded(Job job) {
            return () -> {
                try {
                    job.run();
                } catch (Exception e) {
                    throw new AssertionError("a scheduled job failed", e);
                }
            };
        }
    }

    /** Counters and gauges by name. */
    public static final class Figures implements PluginMetrics {
        private final Map<String, LongAdder> counters = new ConcurrentHashMap<>();
        private final Map<String, DoubleSupplier> gauges = new ConcurrentHashMap<>();

        @Override
        public Counter counter(String name, String help) {
            LongAdder sum = counters.computeIfAbsent(name, absent -> new LongAdder());
            return new Counter() {
                @Override
                public void add(long amount) {
                    sum.add(amount);
                }

                @Override
                public long value() {
                    return sum.sum();
                }
            };
        }

        @Override
        public void gauge(String name, String help, DoubleSupplier value) {
            gauges.put(name, value);
        }

        /** What was counted; 0 for a counter that nobody asked for. */
        public long count(String name) {
            LongAdder sum = counters.get(name);
            return sum == null ? 0 : sum.sum();
        }

        public double gauge(String name) {
            DoubleSupplier gauge = gauges.get(name);
            return gauge == null ? Double.NaN : gauge.getAsDouble();
        }
    }
}
