// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.jshooks;

import org.tunneldigger.api.PluginMetrics;
import org.tunneldigger.api.PluginMetrics.Counter;

/** What the plugin counts, of all scripts together. */
record ScriptFigures(
        Counter calls,
        Counter failed,
        Counter overTime,
        Counter overAllocation,
        Counter outOfMemory,
        Counter relieved,
        Counter noTurn,
        Counter loaded,
        Counter broken) {
    static ScriptFigures of(PluginMetrics metrics) {
        return new ScriptFigures(
                metrics.counter("calls", "Calls of handlers."),
                metrics.counter("calls_failed", "Calls in which a script threw, or gave an answer that is none."),
                metrics.counter("calls_over_time", "Calls that were stopped because they took too long."),
                metrics.counter("calls_over_allocation", "Calls that were stopped because they allocated too much."),
                metrics.counter("calls_out_of_memory", "Calls during which the JVM's memory was full."),
                metrics.counter(
                        "contexts_dropped",
                        "Scripts that lost their variables because the JVM's memory was nearly full."),
                metrics.counter("calls_without_turn", "Calls that were not made because earlier ones took too long."),
                metrics.counter("loads", "Scripts that were loaded, also again."),
                metrics.counter("loads_failed", "Scripts that could not be loaded."));
    }
}
