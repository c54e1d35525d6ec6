// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.jshooks;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;

/** Warnings whose number strangers decide: one line in ten seconds, with the count of those kept back. Safe for all threads. */
final class PacedWarnings {
    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Logger logger;
    private final LongSupplier clockNanos;
    private boolean logged;
    private long loggedNanos;
    private long keptBack;

    /** @param clockNanos as {@link System#nanoTime} */
    PacedWarnings(Logger logger, LongSupplier clockNanos) {
        this.logger = logger;
        this.clockNanos = clockNanos;
    }

    /** @param message a piece of one line */
    void warn(String message) {
        long before;
        synchronized (this) {
            long nowNanos = clockNanos.getAsLong();
            if (logged && nowNanos - loggedNanos < PAUSE_NANOS) {
                keptBack++;
                return;
            }
            logged = true;
            loggedNanos = nowNanos;
            before = keptBack;
            keptBack = 0;
        }
        logger.warn("{}{}", message, before > 0 ? " (and " + before + " not logged before)" : "");
    }
}
