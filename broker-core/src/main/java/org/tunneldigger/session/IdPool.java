// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.session;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;

/**
 * The broker's tunnel ids. A released id rests before it is given out again, and the one that rests longest comes first:
 * the kernel keeps an id for up to 78 ms after its session is deleted, and scripts outside may still speak of the old
 * interface of that name.
 */
public final class IdPool {
    static final long REST_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private record Resting(int id, long freeAtNanos) {}

    private final int first;
    private final int size;
    private final ArrayDeque<Resting> released = new ArrayDeque<>();
    private int neverUsed;
    private int inUse;

    /**
     * @param first the lowest id
     * @param size how many ids there are
     */
    public IdPool(int first, int size) {
        this.first = first;
        this.size = size;
        this.neverUsed = first;
    }

    /** An id, or nothing if all are in use or resting. */
    public OptionalInt take(long nowNanos) {
        if (neverUsed < first + size) {
            inUse++;
            return OptionalInt.of(neverUsed++);
        }
        Resting oldest = released.peekFirst();
        if (oldest == null || nowNanos - oldest.freeAtNanos() < 0) {
            return OptionalInt.empty();
        }
        released.removeFirst();
        inUse++;
        return OptionalInt.of(oldest.id());
    }

    /** Gives an id back that {@link #take} gave out. */
    public void release(int id, long nowNanos) {
        inUse--;
        released.addLast(new Resting(id, nowNanos + REST_NANOS));
    }

    /** Ids that cannot be had now: given out, or resting. */
    public int unavailable(long nowNanos) {
        int resting = 0;
        Iterator<Resting> latestFirst = released.descendingIterator();
        while (latestFirst.hasNext() && nowNanos - latestFirst.next().freeAtNanos() < 0) {
            resting++;
        }
        return inUse + resting;
    }
}
