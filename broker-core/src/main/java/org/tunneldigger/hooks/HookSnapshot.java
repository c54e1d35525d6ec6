// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.hooks;

import java.util.List;

/**
 * The dispatcher's figures at one moment.
 *
 * @param counts outcomes of all pairs of plugin and hook that exist, zeros included
 * @param waitingEvents session events that no hook was called for yet
 * @param runningCalls hook calls running now, stuck ones not included
 * @param stuckCalls hook calls that were given up and have not returned
 * @param droppedRateLimits connection-rate-limit events dropped because too many waited
 */
public record HookSnapshot(
        List<HookCount> counts, int waitingEvents, int runningCalls, int stuckCalls, long droppedRateLimits) {
    public HookSnapshot {
        counts = List.copyOf(counts);
    }

    /** The count of one outcome; 0 if the plugin has no such hook. */
    public long count(String plugin, HookKind hook, Outcome outcome) {
        return counts.stream()
                .filter(c -> c.plugin().equals(plugin) && c.hook() == hook && c.outcome() == outcome)
                .mapToLong(HookCount::count)
                .sum();
    }
}
