// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.execscripts;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.tunneldigger.api.hook.HookFailedException;
import org.tunneldigger.api.hook.HookFailedException.Severity;

/**
 * One event, given to every script of its hook, one after the other. A script that fails or takes too long does not keep the next
 * from running; when the broker cuts the hook off, no further one begins.
 */
final class HookRun {
    private final List<Script> scripts;
    private final List<Exception> problems = new ArrayList<>();

    private HookRun(List<Script> scripts) {
        this.scripts = scripts;
    }

    /**
     * @throws HookFailedException if a script failed
     * @throws ScriptTimeoutException if all that failed took too long, or the thread was interrupted, and stays so
     */
    static void run(HookScripts hook, ScriptRunner runner, Invocation invocation)
            throws HookFailedException, ScriptTimeoutException {
        HookRun run = new HookRun(hook.scripts());
        int begun = run.runAll(runner, invocation);
        run.tell(hook, begun);
    }

    /** Returns how many had their chance. */
    private int runAll(ScriptRunner runner, Invocation invocation) {
        int begun = 0;
        for (Script script : scripts) {
            begun++;
            try {
                runner.run(script, invocation);
            } catch (HookFailedException | ScriptTimeoutException problem) {
                problems.add(problem);
                if (Thread.currentThread().isInterrupted()) {
                    break;
                }
            }
        }
        return begun;
    }

    private void tell(HookScripts hook, int begun) throws HookFailedException, ScriptTimeoutException {
        if (problems.isEmpty()) {
            return;
        }
        String rest = begun < scripts.size() ? "; " + (scripts.size() - begun) + " more not run" : "";
        String what = problems.stream().map(Exception::getMessage).collect(Collectors.joining("; ")) + rest;
        if (problems.size() > 1) {
            what = problems.size() + " of " + scripts.size() + " scripts in " + hook.path() + " failed: " + what;
        }
        boolean timeAlone = problems.stream().allMatch(ScriptTimeoutException.class::isInstance);
        if (timeAlone || Thread.currentThread().isInterrupted()) {
            throw new ScriptTimeoutException(what);
        }
        throw new HookFailedException(loudest(), what);
    }

    private Severity loudest() {
        return problems.stream()
                        .allMatch(problem ->
                                problem instanceof HookFailedException failed && failed.severity() == Severity.NOTICE)
                ? Severity.NOTICE
                : Severity.WARNING;
    }
}
