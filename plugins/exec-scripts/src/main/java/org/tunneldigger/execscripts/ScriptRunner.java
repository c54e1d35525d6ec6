// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.execscripts;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.tunneldigger.api.PluginContext;
import org.tunneldigger.api.PluginMetrics;
import org.tunneldigger.api.hook.HookFailedException;
import org.tunneldigger.api.hook.HookFailedException.Severity;

/**
 * Runs scripts: a bounded number at a time, each within its time, none through a shell. A script gets the broker's working
 * directory and environment with the event's variables, no input, and its output goes to the log. Safe for all threads.
 */
final class ScriptRunner implements AutoCloseable {
    private final Duration timeout;
    private final int maxProcesses;
    private final PluginMetrics metrics;
    private final OutputBudget log;
    private final Semaphore turns;
    private final List<String> launcher = Launcher.words();
    private final ThreadPoolExecutor readers;

    ScriptRunner(ScriptSettings settings, PluginContext context) {
        timeout = settings.timeout();
        maxProcesses = settings.maxProcesses();
        metrics = context.metrics();
        log = new OutputBudget(
                context.logger(),
                metrics.counter("output_lines_left_out", "Lines that scripts printed beyond what is logged."),
                System::nanoTime);
        turns = new Semaphore(maxProcesses, true);
        readers = new ThreadPoolExecutor(0, Integer.MAX_VALUE, 10, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
            Thread thread = new Thread(task, "script-output");
            thread.setDaemon(true);
            return thread;
        });
        metrics.gauge("scripts_running", "Scripts running now.", () -> maxProcesses - turns.availablePermits());
        metrics.gauge("scripts_waiting", "Scripts that wait for their turn.", turns::getQueueLength);
    }

    /**
     * Runs the script and waits for it; when interrupted or out of time, kills it and all that it started. An interrupt is told
     * as time that is over, since that is how the broker cuts a hook off; the thread stays interrupted.
     *
     * @throws HookFailedException if the script could not be run or failed
     * @throws ScriptTimeoutException if it took too long
     */
    void run(Script script, Invocation invocation) throws HookFailedException, ScriptTimeoutException {
        ScriptFigures figures = ScriptFigures.of(metrics, script);
        boolean started = false;
        try {
            checkRunnable(script, invocation);
            long deadlineNanos = System.nanoTime() + timeout.toNanos();
            awaitTurn(script);
            try {
                Process process = start(script, invocation);
                started = true;
                figures.runs().increment();
                runStarted(process, script, invocation, figures, deadlineNanos);
            } finally {
                turns.release();
            }
        } finally {
            if (!started) {
                figures.notRun().increment();
            }
        }
    }

    @Override
    public void close() {
        readers.shutdownNow();
    }

    private static void checkRunnable(Script script, Invocation invocation) throws HookFailedException {
        String problem = script.problem();
        if (problem != null) {
            throw new HookFailedException(Severity.NOTICE, problem); // the warning was given at start
        }
        problem = ScriptArguments.problem(invocation);
        if (problem != null) {
            throw new HookFailedException(Severity.WARNING, script.path() + " not run: " + problem);
        }
    }

    private void awaitTurn(Script script) throws ScriptTimeoutException {
        try {
            if (turns.tryAcquire(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
                return;
            }
        } catch (InterruptedException cutOff) {
            Thread.currentThread().interrupt();
            throw new ScriptTimeoutException(script.path() + " not run: the time was over before its turn came");
        }
        throw new ScriptTimeoutException(
                script.path() + " not run: max_processes (" + maxProcesses + ") scripts were running all the time");
    }

    private Process start(Script script, Invocation invocation) throws HookFailedException {
        List<String> command = new ArrayList<>(launcher);
        command.add(script.path().toString());
        command.addAll(invocation.arguments());
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(Redirect.from(new File("/dev/null")));
        ScriptArguments.fill(builder.environment(), invocation);
        try {
            return builder.start();
        } catch (IOException e) {
            throw new HookFailedException(Severity.WARNING, script.path() + " could not be started: " + e.getMessage());
        }
    }

    private void runStarted(
            Process process, Script script, Invocation invocation, ScriptFigures figures, long deadlineNanos)
            throws HookFailedException, ScriptTimeoutException {
        ScriptOutput output = new ScriptOutput(process, script.name() + " for " + invocation.subject(), log);
        boolean ended = false;
        boolean cutOff = false;
        int survivors = 0;
        try {
            readers.execute(output);
            ended = process.waitFor(deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            cutOff = true;
        } finally {
            if (!ended) {
                survivors = ProcessTree.kill(process);
            }
            output.processEnded();
        }
        if (cutOff) {
            Thread.currentThread().interrupt();
        }
        if (!ended) {
            figures.timeouts().increment();
            throw new ScriptTimeoutException(script.path()
                    + (cutOff ? " took too long, killed" : " took more than " + timeout.toMillis() + " ms, killed")
                    + (survivors > 0 ? ", but " + survivors + " processes of it go on" : ""));
        }
        int status = process.exitValue();
        if (status != 0) {
            figures.ended(status);
            throw new HookFailedException(invocation.onFailure(), failure(script, status, output));
        }
    }

    private static String failure(Script script, int status, ScriptOutput output) {
        String what = script.path() + " exited with status " + status
                + (ScriptFigures.bySignal(status) ? " (128 and signal " + (status - 128) + ")" : "");
        try {
            // so that its own words stand before ours
            return output.awaitEnd() ? what : what + ", output follows";
        } catch (InterruptedException cutOff) {
            Thread.currentThread().interrupt();
            return what;
        }
    }
}
