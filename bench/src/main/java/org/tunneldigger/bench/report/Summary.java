// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.bench.report;

import java.util.Arrays;

/**
 * The runs of one figure.
 *
 * @param median of an even number of runs, the mean of the middle two
 * @param count runs, at least 1
 */
record Summary(double median, double least, double most, int count) {
    static Summary of(double... values) {
        if (values.length == 0) {
            throw new IllegalArgumentException("a summary of nothing");
        }
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        double median = sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Summary(median, sorted[0], sorted[sorted.length - 1], sorted.length);
    }

    /** Whether some run of the one is as high as some run of the other. */
    boolean reaches(Summary other) {
        return most >= other.least;
    }

    /** {@code 798 (662 to 949)}; a single run has no spread. */
    String text() {
        return count == 1
                ? Numbers.text(median)
                : "%s (%s to %s)".formatted(Numbers.text(median), Numbers.text(least), Numbers.text(most));
    }
}
