// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.bench.load;

import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** Histograms of nanoseconds: from 1 µs on to a thousandth of the value, up to ten minutes. */
final class Latencies {
    private static final long HIGHEST_NANOS = TimeUnit.MINUTES.toNanos(10);

    private Latencies() {}

    static Histogram histogram() {
        return new Histogram(1000, HIGHEST_NANOS, 3);
    }

    static void record(Histogram histogram, long nanos) {
        histogram.recordValue(Math.max(0, Math.min(HIGHEST_NANOS, nanos)));
    }
}
