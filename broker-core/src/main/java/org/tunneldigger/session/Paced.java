// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.session;

import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/**
 * A value that the peer sets, and that costs something to adopt: interface, hooks, log. It is adopted at once, but only
 * when it differs from the one before, and not again within {@link #GAP_NANOS}; the last one of a flood is adopted when
 * the gap is over.
 */
final class Paced {
    static final long GAP_NANOS = TimeUnit.SECONDS.toNanos(2);

    private long adopted;
    private OptionalLong waiting = OptionalLong.empty();
    private boolean everAdopted;
    private long adoptedAtNanos;

    Paced(long initial) {
        adopted = initial;
    }

    /** @return the value, if it is to be adopted now */
    OptionalLong offer(long value, long nowNanos) {
        waiting = value == adopted ? OptionalLong.empty() : OptionalLong.of(value);
        return due(nowNanos);
    }

    /** @return the value that waited, if its time has come */
    OptionalLong due(long nowNanos) {
        if (waiting.isEmpty() || (everAdopted && nowNanos - deadlineNanos() < 0)) {
            return OptionalLong.empty();
        }
        OptionalLong now = waiting;
        adopted = now.getAsLong();
        waiting = OptionalLong.empty();
        everAdopted = true;
        adoptedAtNanos = nowNanos;
        return now;
    }

    boolean isWaiting() {
        return waiting.isPresent();
    }

    /** Meaningful while a value waits. */
    long deadlineNanos() {
        return adoptedAtNanos + GAP_NANOS;
    }
}
