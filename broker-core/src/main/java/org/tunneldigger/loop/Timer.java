// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.loop;

/** A call that the loop makes once at a time of the loop's clock; see {@link EventLoop#schedule}. */
public final class Timer implements Comparable<Timer> {
    private final long atNanos;
    private final long order;
    private final Runnable action;
    private boolean cancelled;

    Timer(long atNanos, long order, Runnable action) {
        this.atNanos = atNanos;
        this.order = order;
        this.action = action;
    }

    public long atNanos() {
        return atNanos;
    }

    /** Loop thread; a timer that has fired may be cancelled too. */
    public void cancel() {
        cancelled = true;
    }

    boolean isCancelled() {
        return cancelled;
    }

    void fire() {
        action.run();
    }

    /** Earlier first, and among equals the one scheduled first. */
    @Override
    public int compareTo(Timer other) {
        int byTime = Long.signum(atNanos - other.atNanos);
        return byTime != 0 ? byTime : Long.compare(order, other.order);
    }
}
