// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.bench.report;

/** What became of a goal. */
sealed interface Verdict {
    record Met() implements Verdict {}

    record Missed() implements Verdict {}

    record NotMeasured(String reason) implements Verdict {}

    static Verdict of(boolean met) {
        return met ? new Met() : new Missed();
    }

    default String text() {
        if (this instanceof NotMeasured not) {
            return "not measured: " + not.reason();
        }
        return this instanceof Met ? "met" : "missed";
    }
}
