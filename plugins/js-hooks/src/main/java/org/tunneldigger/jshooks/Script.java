// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.jshooks;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.tunneldigger.api.hook.HookFailedException;
import org.tunneldigger.api.hook.HookFailedException.Severity;
import org.tunneldigger.jshooks.ScriptStoppedException.Limit;

/**
 * One file: its newest version that could be loaded. Calls take turns, in the order in which they come, and none waits longer than
 * a call may take. A call that had to be stopped costs the script its context, and so its variables; the next call loads it anew.
 * Usable from every thread.
 */
final class Script implements AutoCloseable {
    /** Threads that don't react are left behind; with so many of them the script is not loaded again before it changes. */
    private static final int MOST_STUCK = 3;

    private static final Duration CLOSE_PATIENCE = Duration.ofMillis(300);

    private final Sandbox sandbox;
    private final ScriptHost host;
    private final ScriptFigures figures;

    private static final long RELIEF_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** Fair: a session's turn does not depend on luck. */
    private final ReentrantLock turn = new ReentrantLock(true);

    private final List<ScriptContext> stuck = new CopyOnWriteArrayList<>();
    private @Nullable ScriptContext context;
    private boolean relieved;
    private long relievedNanos;
    private volatile ScriptSource source;
    private volatile Set<HookName> hooks;

    private Script(
            Sandbox sandbox, ScriptHost host, ScriptFigures figures, ScriptSource source, ScriptContext context) {
        this.sandbox = sandbox;
        this.host = host;
        this.figures = figures;
        this.source = source;
        this.context = context;
        this.hooks = context.hooks();
    }

    static Script load(Sandbox sandbox, ScriptHost host, ScriptFigures figures, ScriptSource source)
            throws ScriptBrokenException, InterruptedException {
        return new Script(sandbox, host, figures, source, fresh(sandbox, host, figures, source));
    }

    String name() {
        return source.name();
    }

    /** Whether it has a handler of the hook. */
    boolean handles(HookName hook) {
        return hooks.contains(hook);
    }

    /** Puts a newer version in this one's place, once that is loaded; otherwise this one goes on. */
    void replace(ScriptSource newer) throws ScriptBrokenException, InterruptedException {
        ScriptContext fresh = fresh(sandbox, host, figures, newer);
        turn.lockInterruptibly();
        try {
            stop();
            context = fresh;
            source = newer;
            hooks = fresh.hooks();
        } finally {
            turn.unlock();
        }
    }

    /**
     * Calls the hook's handler.
     *
     * @throws HookFailedException with file, line and words, if the script threw or went over its limit of memory
     * @throws TimeoutException if it took too long, or had no turn in time
     */
    <T> T call(HookName hook, EventFields event, Answer<T> answer)
            throws HookFailedException, TimeoutException, InterruptedException {
        Duration patience = host.limits().call();
        if (!turn.tryLock(patience.toNanos(), TimeUnit.NANOSECONDS)) {
            figures.noTurn().increment();
            throw new TimeoutException(name() + ": not called, it is busy for " + patience.toMillis() + " ms");
        }
        try {
            ScriptContext running = running();
            figures.calls().increment();
            T answered = running.call(hook, event.members(), answer);
            relieveHeap();
            return answered;
        } catch (ExecutionException e) {
            throw failed(e.getCause() == null ? e : e.getCause());
        } catch (ScriptStoppedException e) {
            stop();
            String what = name() + ": " + hook + " " + e.getMessage();
            if (e.limit() == Limit.TIME) {
                figures.overTime().increment();
                throw new TimeoutException(what);
            }
            figures.overAllocation().increment();
            throw new HookFailedException(Severity.WARNING, what);
        } catch (InterruptedException e) {
            stop(); // the session's next event must not meet this one
            throw e;
        } finally {
            turn.unlock();
        }
    }

    /** How many threads were left behind that still run. */
    int stuckThreads() {
        return (int) stuck.stream().filter(ScriptContext::isAlive).count();
    }

    /** Ends it. Whatever runs at this moment is ended with the engine. */
    @Override
    public void close() {
        boolean mine = false;
        try {
            mine = turn.tryLock(CLOSE_PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
            if (mine) {
                stop();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            if (mine) {
                turn.unlock();
            }
        }
    }

    private ScriptContext running() throws HookFailedException, InterruptedException {
        ScriptContext running = context;
        if (running != null) {
            return running;
        }
        stuck.removeIf(left -> !left.isAlive());
        if (stuck.size() >= MOST_STUCK) {
            throw new HookFailedException(
                    Severity.WARNING, name() + ": not called, " + stuck.size() + " calls of it could not be stopped");
        }
        try {
            running = fresh(sandbox, host, figures, source);
        } catch (ScriptBrokenException e) {
            throw new HookFailedException(Severity.WARNING, "not loaded again: " + e.getMessage());
        }
        context = running;
        return running;
    }

    /** Gives back what the script has gathered when the JVM's memory is nearly full: it may be the cause, and can do without. */
    private void relieveHeap() {
        if (!host.heap().nearlyFull()) {
            return;
        }
        long nowNanos = System.nanoTime();
        if (relieved && nowNanos - relievedNanos < RELIEF_PAUSE_NANOS) {
            return;
        }
        relieved = true;
        relievedNanos = nowNanos;
        stop();
        host.heap().collect();
        figures.relieved().increment();
        host.logger().warn("{}: its variables are dropped, the JVM's memory is nearly full", name());
    }

    private HookFailedException failed(Throwable thrown) {
        if (ScriptErrors.isOutOfMemory(thrown)) {
            stop(); // first of all: it frees what the script holds
            figures.outOfMemory().increment();
            return new HookFailedException(Severity.WARNING, name() + ": stopped, the JVM has no memory left");
        }
        figures.failed().increment();
        return new HookFailedException(Severity.WARNING, LogText.oneLine(ScriptErrors.describe(name(), thrown)));
    }

    private void stop() {
        ScriptContext running = context;
        context = null;
        if (running != null && !running.close()) {
            stuck.add(running);
        }
    }

    private static ScriptContext fresh(Sandbox sandbox, ScriptHost host, ScriptFigures figures, ScriptSource source)
            throws ScriptBrokenException, InterruptedException {
        try {
            ScriptContext loaded = ScriptContext.load(sandbox, source, host);
            figures.loaded().increment();
            return loaded;
        } catch (ScriptBrokenException e) {
            figures.broken().increment();
            throw e;
        }
    }
}
