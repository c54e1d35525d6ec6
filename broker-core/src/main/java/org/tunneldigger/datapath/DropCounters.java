// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.datapath;

import java.util.EnumMap;
import java.util.Map;

/** Counts by reason. Used by the datapath's thread alone. */
public final class DropCounters {
    private final long[] counts = new long[DropReason.values().length];

    public void count(DropReason reason) {
        counts[reason.ordinal()]++;
    }

    public long of(DropReason reason) {
        return counts[reason.ordinal()];
    }

    /** A copy, all reasons in it. */
    public Map<DropReason, Long> snapshot() {
        Map<DropReason, Long> copy = new EnumMap<>(DropReason.class);
        for (DropReason reason : DropReason.values()) {
            copy.put(reason, of(reason));
        }
        return copy;
    }
}
