// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.plugins;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.DoubleSupplier;
import java.util.regex.Pattern;
import org.tunneldigger.api.PluginMetrics;

/** One plugin's metrics. Safe for all threads. */
final class PluginFigures implements PluginMetrics {
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]{0,63}");

    private sealed interface Metric {
        String help();
    }

    private record Count(String help, LongAdder sum) implements Metric, Counter {
        @Override
        public void add(long amount) {
            if (amount < 0) {
                throw new IllegalArgumentException("a counter only grows");
            }
            sum.add(amount);
        }

        @Override
        public long value() {
            return sum.sum();
        }
    }

    private record Gauge(String help, DoubleSupplier supplier) implements Metric {}

    private final String pluginId;
    private final Map<String, Metric> metrics = new ConcurrentSkipListMap<>();

    PluginFigures(String pluginId) {
        this.pluginId = pluginId;
    }

    @Override
    public Counter counter(String name, String help) {
        if (metrics.computeIfAbsent(checked(name), absent -> new Count(help, new LongAdder())) instanceof Count count) {
            return count;
        }
        throw new IllegalArgumentException(name + " is a gauge");
    }

    @Override
    public void gauge(String name, String help, DoubleSupplier value) {
        metrics.compute(checked(name), (known, present) -> {
            if (present instanceof Count) {
                throw new IllegalArgumentException(name + " is a counter");
            }
            return new Gauge(help, value);
        });
    }

    /** The values now; a gauge that throws is left out. */
    List<PluginFigure> snapshot() {
        List<PluginFigure> figures = new ArrayList<>();
        metrics.forEach((name, metric) -> {
            try {
                double value = metric instanceof Count count
                        ? count.value()
                        : ((Gauge) metric).supplier().getAsDouble();
                figures.add(new PluginFigure(pluginId, name, metric.help(), metric instanceof Count, value));
            } catch (Throwable thrown) {
                // Plugins are strangers: one broken gauge must not hide the other figures.
            }
        });
        return figures;
    }

    private static String checked(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("'" + name + "' can't be the name of a metric: " + NAME.pattern());
        }
        return name;
    }
}
