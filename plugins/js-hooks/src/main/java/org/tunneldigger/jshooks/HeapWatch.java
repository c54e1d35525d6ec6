// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.jshooks;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/** Sees when the JVM's heap is nearly full of what is in use. Usable from every thread. */
interface HeapWatch {
    /** Whether the last garbage collection left too little. A matter of microseconds. */
    boolean nearlyFull();

    /** Collects what was given back, so that {@link #nearlyFull} knows of it; some 100 ms, in which all threads stand still. */
    void collect();

    /** Watches where the collector in use keeps what lives long; a collector that does not tell counts as never full. */
    static HeapWatch ofThisJvm() {
        MemoryPoolMXBean pool = ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(candidate -> candidate.getType() == MemoryType.HEAP && share(candidate) >= 0)
                .max(Comparator.comparingLong(candidate -> candidate.getUsage().getMax()))
                .orElse(null);
        return new HeapWatch() {
            @Override
            public boolean nearlyFull() {
                return share(pool) > 0.8;
            }

            @Override
            public void collect() {
                System.gc();
            }
        };
    }

    private static double share(@Nullable MemoryPoolMXBean pool) {
        MemoryUsage left = pool == null ? null : pool.getCollectionUsage();
        return left == null || left.getMax() <= 0 ? -1 : (double) left.getUsed() / left.getMax();
    }
}
