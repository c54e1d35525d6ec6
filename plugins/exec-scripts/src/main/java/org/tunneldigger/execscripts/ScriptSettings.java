// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.execscripts;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tunneldigger.api.ConfigurationKeys;

/**
 * What the configuration says.
 *
 * @param hooks what the hooks run, at most one entry a hook
 * @param timeout time for one run of a script, waiting for its turn included; where the file names none, the broker's
 *     deadline for hooks comes first
 * @param maxProcesses scripts running at the same time
 */
record ScriptSettings(List<HookScripts> hooks, Duration timeout, int maxProcesses) {
    private static final Duration SHORTEST_TIMEOUT = Duration.ofMillis(100);
    private static final Duration LONGEST_TIMEOUT = Duration.ofHours(1);
    static final List<String> HOOKS = List.of(
            Invocation.SESSION_UP,
            Invocation.SESSION_PRE_DOWN,
            Invocation.SESSION_DOWN,
            Invocation.SESSION_MTU_CHANGED,
            Invocation.CONNECTION_RATE_LIMIT);

    static ScriptSettings read(ConfigurationKeys keys) {
        List<HookScripts> hooks = new ArrayList<>();
        for (String hook : HOOKS) {
            keys.path(hook).ifPresent(path -> hooks.add(new HookScripts(hook, path)));
        }
        return new ScriptSettings(
                List.copyOf(hooks), keys.seconds("timeout", LONGEST_TIMEOUT, SHORTEST_TIMEOUT, LONGEST_TIMEOUT), (int)
                        keys.integer("max_processes", 16, 1, 1000));
    }

    @Nullable
    HookScripts of(String hook) {
        return hooks.stream()
                .filter(scripts -> scripts.hook().equals(hook))
                .findFirst()
                .orElse(null);
    }
}
