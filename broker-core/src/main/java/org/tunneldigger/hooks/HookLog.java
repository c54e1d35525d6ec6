// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.hooks;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tunneldigger.api.hook.HookFailedException;

/**
 * The log lines about hook calls: one a failure, with plugin, hook and session; the stack trace at debug. Failures of the hooks
 * whose number a stranger decides get one line in ten seconds. Safe for all threads;
 * throws nothing.
 */
final class HookLog {
    private static final Logger log = LoggerFactory.getLogger("org.tunneldigger.hooks");
    private static final long STRANGERS_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private boolean strangerLogged;
    private long strangerLoggedNanos;
    private long keptBack;

    void ended(HookCall call, Outcome outcome, @Nullable Throwable problem) {
        switch (outcome) {
            case OK, SKIPPED -> {}
            case TIMED_OUT ->
                warn(call, "missed its deadline" + (problem == null ? "" : ": " + OneLine.of(problem)), problem);
            case FAILED -> failed(call, problem);
        }
    }

    void givenUp(HookCall call, String place) {
        warn(call, "ignores the interrupt at its deadline, left behind in " + OneLine.of(place), null);
    }

    void suspended(PluginRecord plugin, int stuckCalls) {
        log.warn("plugin {}: suspended, {} of its hook calls don't return", plugin.id(), stuckCalls);
    }

    void resumed(PluginRecord plugin) {
        log.info("plugin {}: no longer suspended, a stuck hook call returned", plugin.id());
    }

    private void failed(HookCall call, @Nullable Throwable problem) {
        if (problem instanceof HookFailedException told) {
            String what = "failed: " + OneLine.of(String.valueOf(told.getMessage()));
            switch (told.severity()) {
                case WARNING -> warn(call, what, null);
                case NOTICE -> log.info("{} {}", name(call), what);
            }
        } else {
            warn(call, problem == null ? "failed" : "failed: " + OneLine.of(problem), problem);
        }
    }

    private void warn(HookCall call, String what, @Nullable Throwable problem) {
        long before = 0;
        if (call.event().kind().byStrangers()) {
            synchronized (this) {
                long nowNanos = System.nanoTime();
                if (strangerLogged && nowNanos - strangerLoggedNanos < STRANGERS_PAUSE_NANOS) {
                    keptBack++;
                    return;
                }
                strangerLogged = true;
                strangerLoggedNanos = nowNanos;
                before = keptBack;
                keptBack = 0;
            }
        }
        log.warn("{} {}{}", name(call), what, before > 0 ? " (and " + before + " not logged before)" : "");
        if (problem != null && log.isDebugEnabled()) {
            try {
                log.debug("{}", name(call), problem);
            } catch (Throwable unprintable) {
                log.debug("{}: its stack trace cannot be printed", name(call));
            }
        }
    }

    private static String name(HookCall call) {
        return "plugin " + call.plugin().id() + ": " + call.event().kind().configuredName() + " for "
                + call.event().subject();
    }
}
