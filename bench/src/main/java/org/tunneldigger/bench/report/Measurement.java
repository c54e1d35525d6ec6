// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.bench.report;

import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.DoubleBinaryOperator;
import java.util.stream.DoubleStream;

/** The figures of one measurement, over all its runs. */
record Measurement(String name, List<Measured> all) {
    boolean has(String figure) {
        return all.stream().anyMatch(one -> one.figure().equals(figure));
    }

    boolean has(String figure, long at) {
        return all.stream().anyMatch(one -> one.figure().equals(figure) && one.at() == at);
    }

    List<String> figures() {
        return all.stream().map(Measured::figure).distinct().toList();
    }

    String unit(String figure) {
        return all.stream()
                .filter(one -> one.figure().equals(figure))
                .map(Measured::unit)
                .findFirst()
                .orElseThrow();
    }

    /** By the number of sessions. Empty where there is no such figure. */
    NavigableMap<Long, Summary> series(String figure) {
        NavigableMap<Long, Summary> series = new TreeMap<>();
        all.stream()
                .filter(one -> one.figure().equals(figure))
                .map(Measured::at)
                .distinct()
                .forEach(at -> series.put(at, Summary.of(values(figure, at).toArray())));
        return series;
    }

    /** Of the largest number of sessions that it was measured with; there must be one. */
    Summary summary(String figure) {
        return series(figure).lastEntry().getValue();
    }

    long sessions(String figure) {
        return series(figure).lastKey();
    }

    Summary summary(String figure, long at) {
        return Summary.of(values(figure, at).toArray());
    }

    /** One figure to another, run by run: what a shared machine does to both of one run cancels out. */
    Summary ratio(String figure, String to) {
        return perRun(figure, sessions(figure), to, sessions(to), (one, other) -> one / other);
    }

    /** Combines two figures of each run that has both; some run must. */
    Summary perRun(String figure, long at, String other, long otherAt, DoubleBinaryOperator combine) {
        double[] combined = all.stream()
                .filter(one -> one.figure().equals(figure) && one.at() == at)
                .flatMapToDouble(one -> all.stream()
                        .filter(two -> two.run() == one.run() && two.figure().equals(other) && two.at() == otherAt)
                        .mapToDouble(two -> combine.applyAsDouble(one.value(), two.value())))
                .toArray();
        return Summary.of(combined);
    }

    private DoubleStream values(String figure, long at) {
        return all.stream()
                .filter(one -> one.figure().equals(figure) && one.at() == at)
                .mapToDouble(Measured::value);
    }
}
