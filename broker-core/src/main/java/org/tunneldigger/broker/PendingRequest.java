// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.broker;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.tunneldigger.protocol.ControlMessage.Prepare;

/** A request whose session is being opened: whether its client still wants it. Written by the loop's thread. */
final class PendingRequest {
    /** A client gives up after 15 s (REFERENCE paragraph 2) and comes back from another port. */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(20);

    /** Of one client; clients ask every few seconds, and more than these are not answered. */
    private static final int MOST_REPEATED = 4;

    private final List<Prepare> repeated = new ArrayList<>(0);
    private volatile long askedNanos;
    private volatile boolean withdrawn;

    PendingRequest(long nowNanos) {
        askedNanos = nowNanos;
    }

    /** The client has asked again, perhaps after it gave up. */
    void repeat(Prepare request, long nowNanos) {
        askedNanos = nowNanos;
        withdrawn = false;
        if (repeated.size() < MOST_REPEATED) {
            repeated.add(request);
        }
    }

    /** What came again meanwhile, to be answered. */
    List<Prepare> repeated() {
        return repeated;
    }

    /** The client said that it gives up. */
    void withdraw() {
        withdrawn = true;
    }

    /** Any thread. */
    boolean isWithdrawn() {
        return withdrawn;
    }

    /** Any thread: whether nothing was heard of the client for so long that it must have given up. */
    boolean isStale(long nowNanos) {
        return nowNanos - askedNanos > PATIENCE_NANOS;
    }
}
