// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.hooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tunneldigger.hooks.HookFixture.limits;
import static org.tunneldigger.hooks.HookFixture.session;
import static org.tunneldigger.hooks.HookFixture.waitUntil;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A machine that has no thread left for hooks, for a while. */
@Tag("long")
class NoWorkerTest {
    @Test
    void hookWaitsForAWorkerAndNeverTakesTheClocksThread() throws Exception {
        AtomicInteger refusals = new AtomicInteger(2);
        ThreadFactory daemons = HookWorkers.daemons("late-worker-");
        HookWorkers workers = new HookWorkers(1, task -> {
            if (refusals.getAndDecrement() > 0) {
                throw new OutOfMemoryError("unable to create native thread");
            }
            return daemons.newThread(task);
        });
        List<String> threads = new CopyOnWriteArrayList<>();
        RegisteredPlugin plugin = ScriptedPlugin.plugin(
                "plugin", call -> threads.add(Thread.currentThread().getName()));
        try (HookDispatcher hooks = new HookDispatcher(List.of(plugin), limits(), workers)) {
            hooks.openLane(session(1)).up(1446, () -> {});
            waitUntil("the hook ran", () -> !threads.isEmpty());
        }
        assertThat(threads).containsExactly("late-worker-1");
    }
}
