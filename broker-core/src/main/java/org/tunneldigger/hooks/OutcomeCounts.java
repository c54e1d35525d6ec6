// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.hooks;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;

/** How the hook calls of one plugin ended, all its reloads together. Safe for all threads. */
final class OutcomeCounts {
    private static final int OUTCOMES = Outcome.values().length;

    private final AtomicLongArray counts = new AtomicLongArray(HookKind.values().length * OUTCOMES);

    void add(HookKind kind, Outcome outcome) {
        counts.incrementAndGet(index(kind, outcome));
    }

    List<HookCount> of(String pluginId, HookKind kind) {
        List<HookCount> all = new ArrayList<>(OUTCOMES);
        for (Outcome outcome : Outcome.values()) {
            all.add(new HookCount(pluginId, kind, outcome, counts.get(index(kind, outcome))));
        }
        return all;
    }

    private static int index(HookKind kind, Outcome outcome) {
        return kind.ordinal() * OUTCOMES + outcome.ordinal();
    }
}
