// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.execscripts;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.tunneldigger.api.hook.HookFailedException;
import org.tunneldigger.api.hook.HookFailedException.Severity;

/**
 * Runs scripts: a bounded number at a time, each within its time, none through a shell. A script gets the broker's working
 * directory and environment, no input, and its output goes to the log. Safe for all threads.
 *
 * <p>Where {@code setsid} of util-linux exists (on Debian always) a script runs in a session of its own: so all that it
 * started can be found and killed, also what has lost its parent, and a Ctrl-C meant for the broker does not hit the
 * scripts by which it cleans up. {@code setsid} replaces itself by the script; it costs one exec.
 */
final class ScriptRunner implements AutoCloseable {
    private final Duration timeout;
    private final Logger logger;
    private final Semaphore turns;
    private final List<String> launcher;
    private final ThreadPoolExecutor readers;

    ScriptRunner(Duration timeout, int maxProcesses, Logger logger) {
        this.timeout = timeout;
        this.logger = logger;
        this.turns = new Semaphore(maxProcesses, true);
        this.launcher = Stream.of("/usr/bin/setsid", "/bin/setsid")
                .filter(path -> Files.isExecutable(Path.of(path)))
                .findFirst()
                .map(path -> List.of(path, "--"))
                .orElse(List.of());
        this.readers =
                new ThreadPoolExecutor(0, Integer.MAX_VALUE, 10, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
                    Thread thread = new Thread(task, "script-output");
                    thread.setDaemon(true);
                    return thread;
                });
    }

    /**
     * Runs the script and waits for it; when interrupted or out of time, kills it and all that it started.
     *
     * @param subject what the run is about, for the log
     * @param onFailure how loudly an exit status that is not 0 is logged
     * @throws HookFailedException if the script could not be run or failed
     * @throws TimeoutException if it took too long
     */
    void run(Script script, String subject, List<String> arguments, Severity onFailure)
            throws HookFailedException, TimeoutException, InterruptedException {
        String problem = script.problem();
        if (problem != null) {
            throw new HookFailedException(Severity.NOTICE, problem); // the warning was given at start
        }
        problem = ScriptArguments.problem(arguments);
        if (problem != null) {
            throw new HookFailedException(Severity.WARNING, script.path() + " not run: " + problem);
        }
        long deadlineNanos = System.nanoTime() + timeout.toNanos();
        if (!turns.tryAcquire(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
            throw new TimeoutException(script.path() + " not run: max_processes scripts are running already");
        }
        try {
            runInTurn(script, subject, arguments, onFailure, deadlineNanos);
        } finally {
            turns.release();
        }
    }

    @Override
    public void close() {
        readers.shutdownNow();
    }

    private void runInTurn(
            Script script, String subject, List<String> arguments, Severity onFailure, long deadlineNanos)
            throws HookFailedException, TimeoutException, InterruptedException {
        Process process = start(script, arguments);
        ScriptOutput output = new ScriptOutput(process, script.name() + " for " + subject, logger);
        boolean ended = false;
        try {
            readers.execute(output);
            ended = process.waitFor(deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException cutOff) {
            throw new InterruptedException(script.path() + " was cut off, killed");
        } finally {
            if (!ended) {
                ProcessTree.kill(process);
            }
            output.processEnded();
        }
        if (!ended) {
            throw new TimeoutException(script.path() + " took more than " + timeout.toMillis() + " ms, killed");
        }
        int status = process.exitValue();
        if (status != 0) {
            boolean allLogged = output.awaitEnd(); // so that its own words stand before ours
            String what = script.path() + " exited with status " + status;
            throw new HookFailedException(onFailure, allLogged ? what : what + ", output follows");
        }
    }

    private Process start(Script script, List<String> arguments) throws HookFailedException {
        List<String> command = new ArrayList<>(launcher);
        command.add(script.path().toString());
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(Redirect.from(new File("/dev/null")));
        ScriptArguments.restoreLocale(builder.environment());
        try {
            return builder.start();
        } catch (IOException e) {
            throw new HookFailedException(Severity.WARNING, script.path() + " could not be started: " + e.getMessage());
        }
    }
}
