// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.hooks;

import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One call of one hook for one event: runs it, cuts it off at its deadline, gives it up when it does not react, and sees
 * that it has exactly one outcome.
 */
final class HookCall {
    private enum Phase {
        /** The hook runs, or is about to. */
        RUNNING,
        /** The deadline passed, the thread was interrupted. */
        CUT_OFF,
        /** The hook ignored the interrupt: it has its outcome, the thread is stuck. */
        GIVEN_UP,
        /** The hook returned or threw. */
        RETURNED
    }

    private final HookDispatcher dispatcher;
    private final EventLane lane;
    private final HookEvent event;
    private final HookTarget target;

    private Phase phase = Phase.RUNNING;
    private @Nullable Thread thread;
    private @Nullable Future<?> alarm;
    private long deadlineNanos;

    HookCall(HookDispatcher dispatcher, EventLane lane, HookEvent event, HookTarget target) {
        this.dispatcher = dispatcher;
        this.lane = lane;
        this.event = event;
        this.target = target;
    }

    HookEvent event() {
        return event;
    }

    PluginRecord plugin() {
        return target.plugin();
    }

    EventLane lane() {
        return lane;
    }

    /** Calls the hook on this thread; throws nothing. */
    void run() {
        if (!target.plugin().enter()) {
            event.missed(target.plugin()); // unloaded between the choice and the call
            lane.settled();
            return;
        }
        dispatcher.began();
        Thread current = Thread.currentThread();
        ClassLoader loaderBefore = current.getContextClassLoader();
        Throwable problem = null;
        try {
            began(current);
            current.setContextClassLoader(target.hook().getClass().getClassLoader());
            event.deliverTo(target);
        } catch (Throwable thrown) {
            // Plugins are strangers: a LinkageError or StackOverflowError of theirs must cost them this call alone.
            problem = thrown;
        }
        target.plugin().left();
        Phase before = returned();
        Thread.interrupted(); // a late interrupt must not meet the code of the broker that runs next here
        current.setContextClassLoader(loaderBefore);
        switch (before) {
            case RUNNING -> dispatcher.ended(this, outcomeOf(problem), problem);
            case CUT_OFF -> dispatcher.ended(this, Outcome.TIMED_OUT, problem);
            // By way of the clock's one thread, which may be still busy with giving this call up.
            case GIVEN_UP, RETURNED -> dispatcher.after(0, () -> dispatcher.returned(this));
        }
    }

    /** Brings the deadline forward if the broker has less time than it had when the call began. */
    synchronized void applyCutoff() {
        if (phase != Phase.RUNNING || thread == null) {
            return; // not begun: it will see the cutoff by itself
        }
        long nowNanos = System.nanoTime();
        long newDeadlineNanos = dispatcher.deadlineNanos(event.kind(), nowNanos);
        if (newDeadlineNanos - deadlineNanos < 0) {
            cancelAlarm();
            deadlineNanos = newDeadlineNanos;
            alarm = dispatcher.after(newDeadlineNanos - nowNanos, this::cutOff);
        }
    }

    private synchronized void began(Thread current) {
        thread = current;
        long nowNanos = System.nanoTime();
        deadlineNanos = dispatcher.deadlineNanos(event.kind(), nowNanos);
        alarm = dispatcher.after(deadlineNanos - nowNanos, this::cutOff);
    }

    private synchronized void cutOff() {
        if (phase == Phase.RUNNING && thread != null) {
            phase = Phase.CUT_OFF;
            alarm = dispatcher.after(dispatcher.limits().grace().toNanos(), this::giveUp);
            thread.interrupt();
        }
    }

    private void giveUp() {
        StackTraceElement[] stack;
        synchronized (this) {
            if (phase != Phase.CUT_OFF || thread == null) {
                return;
            }
            phase = Phase.GIVEN_UP;
            stack = thread.getStackTrace();
        }
        dispatcher.givenUp(this, stack.length > 0 ? stack[0].toString() : "an unknown place");
    }

    private synchronized Phase returned() {
        Phase before = phase;
        phase = Phase.RETURNED;
        thread = null;
        cancelAlarm();
        return before;
    }

    private void cancelAlarm() {
        if (alarm != null) {
            alarm.cancel(false);
        }
    }

    private static Outcome outcomeOf(@Nullable Throwable problem) {
        if (problem == null) {
            return Outcome.OK;
        }
        return problem instanceof TimeoutException ? Outcome.TIMED_OUT : Outcome.FAILED;
    }
}
