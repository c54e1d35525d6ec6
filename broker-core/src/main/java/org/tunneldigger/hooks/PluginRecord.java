// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.hooks;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import org.tunneldigger.api.hook.Hook;

/** What the dispatcher knows about one plugin: its hooks, its outcomes, its stuck calls. Safe for all threads. */
final class PluginRecord {
    private static final int OUTCOMES = Outcome.values().length;

    private final RegisteredPlugin plugin;
    private final AtomicLongArray counts = new AtomicLongArray(HookKind.values().length * OUTCOMES);
    private final AtomicInteger stuckCalls = new AtomicInteger();

    PluginRecord(RegisteredPlugin plugin) {
        this.plugin = plugin;
    }

    String id() {
        return plugin.id();
    }

    List<Hook> hooks(HookKind kind) {
        return plugin.hooks().stream()
                .filter(hook -> HookEvent.wanted(kind, hook))
                .toList();
    }

    void count(HookKind kind, Outcome outcome) {
        counts.incrementAndGet(index(kind, outcome));
    }

    AtomicInteger stuckCalls() {
        return stuckCalls;
    }

    List<HookCount> counts() {
        List<HookCount> all = new ArrayList<>();
        for (HookKind kind : HookKind.values()) {
            if (hooks(kind).isEmpty()) {
                continue;
            }
            for (Outcome outcome : Outcome.values()) {
                all.add(new HookCount(id(), kind, outcome, counts.get(index(kind, outcome))));
            }
        }
        return all;
    }

    private static int index(HookKind kind, Outcome outcome) {
        return kind.ordinal() * OUTCOMES + outcome.ordinal();
    }
}
