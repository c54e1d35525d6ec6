// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.hooks;

import java.time.Duration;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The plugins of the moment, and those that are on their way out. Set by one thread, read by all. */
final class PluginRegistry {
    private final Map<String, OutcomeCounts> counts = new ConcurrentHashMap<>();
    private final Set<PluginRecord> retired = ConcurrentHashMap.newKeySet();
    private volatile State state = new State(List.of(), Map.of());

    private record State(List<PluginRecord> plugins, Map<HookKind, List<HookTarget>> routes) {}

    /** Takes these instead of those that there are; those that stay are the same objects as before. */
    void set(List<RegisteredPlugin> plugins) {
        State before = state;
        Map<RegisteredPlugin, PluginRecord> leaving = new IdentityHashMap<>();
        before.plugins().forEach(plugin -> leaving.put(plugin.plugin(), plugin));
        List<PluginRecord> records = new ArrayList<>();
        for (RegisteredPlugin plugin : plugins) {
            PluginRecord known = leaving.remove(plugin);
            records.add(known != null ? known : new PluginRecord(plugin, countsOf(plugin.id())));
        }
        state = new State(List.copyOf(records), HookTarget.routes(records));
        leaving.values().forEach(PluginRecord::retire);
        retired.addAll(leaving.values());
    }

    List<PluginRecord> plugins() {
        return state.plugins();
    }

    /** Who is called for this kind of event, in the order of calling. */
    List<HookTarget> route(HookKind kind) {
        return state.routes().getOrDefault(kind, List.of());
    }

    /** Waits until no call of a plugin that left runs any more; false if some does at the end. */
    boolean awaitIdle(RegisteredPlugin left, Duration patience) throws InterruptedException {
        long endNanos = System.nanoTime() + patience.toNanos();
        while (retired.stream().anyMatch(record -> record.plugin() == left && !record.idle())) {
            if (System.nanoTime() - endNanos >= 0) {
                return false;
            }
            Thread.sleep(2);
        }
        retired.removeIf(record -> record.plugin() == left);
        return true;
    }

    private OutcomeCounts countsOf(String id) {
        return counts.computeIfAbsent(id, absent -> new OutcomeCounts());
    }
}
