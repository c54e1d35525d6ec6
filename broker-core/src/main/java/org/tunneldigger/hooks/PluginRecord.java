// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.hooks;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.tunneldigger.api.hook.Hook;

/** What the dispatcher knows about one plugin: its hooks, its outcomes, its stuck calls. Safe for all threads. */
final class PluginRecord {
    private final RegisteredPlugin plugin;
    private final OutcomeCounts counts;
    private final AtomicInteger runningCalls = new AtomicInteger();
    private final AtomicInteger stuckCalls = new AtomicInteger();

    private volatile boolean retired;

    /** @param counts those of all plugins that had this id */
    PluginRecord(RegisteredPlugin plugin, OutcomeCounts counts) {
        this.plugin = plugin;
        this.counts = counts;
    }

    RegisteredPlugin plugin() {
        return plugin;
    }

    /** The plugin is being unloaded: no call of it begins any more. */
    void retire() {
        retired = true;
    }

    boolean retired() {
        return retired;
    }

    /**
     * A call is about to begin; {@link #left} goes with it.
     *
     * @return false if it must not, because the plugin is being unloaded
     */
    boolean enter() {
        runningCalls.incrementAndGet();
        // After the increment: whoever retires the plugin either is seen here, or sees the call.
        if (retired) {
            runningCalls.decrementAndGet();
            return false;
        }
        return true;
    }

    void left() {
        runningCalls.decrementAndGet();
    }

    /** Whether no call has begun that has not returned; one that was given up has not. */
    boolean idle() {
        return runningCalls.get() == 0;
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
        counts.add(kind, outcome);
    }

    AtomicInteger stuckCalls() {
        return stuckCalls;
    }

    List<HookCount> counts() {
        List<HookCount> all = new ArrayList<>();
        for (HookKind kind : HookKind.values()) {
            if (!hooks(kind).isEmpty()) {
                all.addAll(counts.of(id(), kind));
            }
        }
        return all;
    }
}
