// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.handshake;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.tunneldigger.protocol.Endpoint;

/**
 * Counts events per address in a sliding window. Addresses are forgotten as soon as their last event leaves the window;
 * beyond {@link #MAX_ADDRESSES} the one silent for longest goes first, so memory has a bound whatever strangers do.
 */
final class AddressRates {
    static final int MAX_ADDRESSES = 65_536;

    private final int count;
    private final long windowNanos;

    /** Ordered by each address's last attempt, the oldest first. */
    private final Map<Endpoint, ArrayDeque<Long>> events = new LinkedHashMap<>(16, 0.75f, true);

    AddressRates(int count, long windowNanos) {
        this.count = count;
        this.windowNanos = windowNanos;
    }

    /** Counts an event of this address (port 0) if it has fewer than {@code count} in the window. */
    boolean tryCount(Endpoint address, long nowNanos) {
        forgetOld(nowNanos);
        ArrayDeque<Long> own = events.get(address);
        if (own == null) {
            own = new ArrayDeque<>(Math.min(count, 8));
            events.put(address, own);
        }
        while (!own.isEmpty() && nowNanos - own.getFirst() >= windowNanos) {
            own.removeFirst();
        }
        if (own.size() >= count) {
            return false;
        }
        own.addLast(nowNanos);
        return true;
    }

    int size() {
        return events.size();
    }

    private void forgetOld(long nowNanos) {
        Iterator<ArrayDeque<Long>> oldestFirst = events.values().iterator();
        while (oldestFirst.hasNext()) {
            ArrayDeque<Long> own = oldestFirst.next();
            boolean outOfWindow = own.isEmpty() || nowNanos - own.getLast() >= windowNanos;
            if (!outOfWindow && events.size() < MAX_ADDRESSES) {
                return;
            }
            oldestFirst.remove();
        }
    }
}
