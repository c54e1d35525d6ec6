// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.broker;

import java.util.function.Consumer;

/** Keeps a line whose number strangers decide from filling the log: one in a while, with the count of those left out. */
final class LogPause {
    private final long gapNanos;
    private boolean spoken;
    private long spokeAtNanos;
    private long leftOut;

    LogPause(long gapNanos) {
        this.gapNanos = gapNanos;
    }

    /** @param line writes the line, given what to put at its end */
    void line(long nowNanos, Consumer<String> line) {
        if (spoken && nowNanos - spokeAtNanos < gapNanos) {
            leftOut++;
            return;
        }
        line.accept(leftOut == 0 ? "" : " (and " + leftOut + " more like it since the last such line)");
        spoken = true;
        spokeAtNanos = nowNanos;
        leftOut = 0;
    }
}
