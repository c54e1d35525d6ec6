// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.bench.report;

import java.util.Locale;

/** Numbers as people read them. */
final class Numbers {
    private Numbers() {}

    /** Three digits or all before the point, thousands apart: 0.82, 9.13, 54.4, 798, 12 345. */
    static String text(double value) {
        double size = Math.abs(value);
        int decimals = size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2;
        return String.format(Locale.ROOT, "%,." + decimals + "f", value).replace(',', ' ');
    }
}
