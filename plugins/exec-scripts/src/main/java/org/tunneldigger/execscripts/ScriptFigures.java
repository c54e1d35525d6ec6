// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.execscripts;

import java.util.Locale;
import org.tunneldigger.api.PluginMetrics;
import org.tunneldigger.api.PluginMetrics.Counter;

/**
 * What becomes of one script's runs. Their names begin with the hook ({@code session_up_runs}), or, in a directory, with the hook
 * and the file ({@code session_up_10_bridge_runs}). Safe for all threads.
 *
 * @param runs how often it was started; what none of the next three has counted ended well
 * @param failures ended with a status of 1 to 128
 * @param killed ended by a signal, other than ours at the end of its time; or with a status above 128, which by the shells'
 *     convention says the same of a command in it
 * @param timeouts killed because its time was over
 * @param notRun not started: missing, not executable, a uuid that can't be passed, or no turn within its time
 */
record ScriptFigures(Counter runs, Counter failures, Counter killed, Counter timeouts, Counter notRun) {
    /** So that the longest suffix fits into the 64 characters of a name. */
    private static final int MAX_STEM = 55;

    private static final int HIGHEST_OWN_STATUS = 128;

    static ScriptFigures of(PluginMetrics metrics, Script script) {
        String figure = script.figure();
        String stem = figure.length() > MAX_STEM ? figure.substring(0, MAX_STEM) : figure;
        return new ScriptFigures(
                metrics.counter(stem + "_runs", "Times that the script was started."),
                metrics.counter(stem + "_failures", "Runs that ended with a status from 1 to 128."),
                metrics.counter(stem + "_killed", "Runs that ended by a signal, or with a status above 128."),
                metrics.counter(stem + "_timeouts", "Runs that took too long and were killed."),
                metrics.counter(stem + "_not_run", "Events for which the script could not be started."));
    }

    /** Counts an exit status that is not 0. */
    void ended(int status) {
        (bySignal(status) ? killed : failures).increment();
    }

    static boolean bySignal(int status) {
        return status > HIGHEST_OWN_STATUS;
    }

    /** The text as part of a counter's name: {@code session.pre-down} is {@code session_pre_down}. */
    static String word(String text) {
        return text.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "_");
    }
}
