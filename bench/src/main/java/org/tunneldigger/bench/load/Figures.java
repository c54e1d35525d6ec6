// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.bench.load;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.HdrHistogram.Histogram;

/** What was measured, in the order of measuring: a line {@code name value unit} each, or an object of JSON. */
final class Figures {
    /** @param unit {@code 1} for counts */
    record Figure(String name, double value, String unit) {
        String valueText() {
            return value == Math.rint(value) && Math.abs(value) < 1e15
                    ? Long.toString((long) value)
                    : String.format(Locale.ROOT, "%.1f", value);
        }
    }

    private final List<Figure> all = new ArrayList<>();

    void add(String name, double value, String unit) {
        all.add(new Figure(name, value, unit));
    }

    void count(String name, long value) {
        add(name, (double) value, "1");
    }

    /** Percentiles of latencies in nanoseconds, told in {@code unit}, of which each has so many; none where nothing was recorded. */
    void latencies(String name, Histogram nanos, String unit, double nanosPerUnit) {
        if (nanos.getTotalCount() == 0) {
            return;
        }
        add(name + "-p50", nanos.getValueAtPercentile(50) / nanosPerUnit, unit);
        add(name + "-p99", nanos.getValueAtPercentile(99) / nanosPerUnit, unit);
        add(name + "-p99.9", nanos.getValueAtPercentile(99.9) / nanosPerUnit, unit);
        add(name + "-max", nanos.getMaxValue() / nanosPerUnit, unit);
    }

    List<Figure> list() {
        return List.copyOf(all);
    }

    void print(PrintStream out) {
        all.forEach(figure -> out.println(figure.name() + " " + figure.valueText() + " " + figure.unit()));
    }

    /** {@code {"name": {"value": 1, "unit": "1/s"}, …}}; names and units need no escapes. */
    String json() {
        return all.stream()
                .map(figure -> "  \"%s\": {\"value\": %s, \"unit\": \"%s\"}"
                        .formatted(figure.name(), figure.valueText(), figure.unit()))
                .collect(Collectors.joining(",\n", "{\n", "\n}\n"));
    }
}
