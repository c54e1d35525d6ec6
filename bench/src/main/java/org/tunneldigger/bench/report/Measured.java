// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.bench.report;

/**
 * One line of raw.csv.
 *
 * @param run counted from 1; figures of one run were taken close together and may be compared
 * @param at how many sessions the figure is of, 0 where that has no meaning
 */
record Measured(String measurement, int run, String figure, long at, double value, String unit) {
    static Measured parse(String line) {
        String[] fields = line.split(",", -1);
        if (fields.length != 6) {
            throw new IllegalArgumentException("not a line of six fields: " + line);
        }
        return new Measured(
                fields[0],
                Integer.parseInt(fields[1]),
                fields[2],
                Long.parseLong(fields[3]),
                Double.parseDouble(fields[4]),
                fields[5]);
    }
}
