// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.execscripts;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.tunneldigger.api.PluginMetrics.Counter;

/**
 * Logs what scripts print, up to {@value #MAX_LINES} lines in {@value #WINDOW_SECONDS} s from all of them together: one script that
 * prints much costs little of the log, but a stranger decides how often some are run. Safe for all threads.
 */
final class OutputBudget {
    static final int MAX_LINES = 1000;
    static final long WINDOW_SECONDS = 10;

    private final Logger logger;
    private final Counter linesLeftOut;
    private final LongSupplier nanoClock;
    private long windowEndNanos;
    private int lines;
    private long leftOut;

    OutputBudget(Logger logger, Counter linesLeftOut, LongSupplier nanoClock) {
        this.logger = logger;
        this.linesLeftOut = linesLeftOut;
        this.nanoClock = nanoClock;
        this.windowEndNanos = endOfWindow(nanoClock.getAsLong());
    }

    /** Logs a line, or counts it. */
    void log(String title, String line) {
        if (admits()) {
            logger.info("{}: {}", title, line);
        }
    }

    private synchronized boolean admits() {
        long nowNanos = nanoClock.getAsLong();
        if (nowNanos - windowEndNanos >= 0) {
            if (leftOut > 0) {
                logger.warn(
                        "{} lines of scripts' output not logged, as they printed more than {} in {} s",
                        leftOut,
                        MAX_LINES,
                        WINDOW_SECONDS);
            }
            windowEndNanos = endOfWindow(nowNanos);
            lines = 0;
            leftOut = 0;
        }
        if (lines < MAX_LINES) {
            lines++;
            return true;
        }
        leftOut++;
        linesLeftOut.increment();
        return false;
    }

    private static long endOfWindow(long nowNanos) {
        return nowNanos + TimeUnit.SECONDS.toNanos(WINDOW_SECONDS);
    }
}
