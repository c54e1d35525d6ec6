// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.hooks;

import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tunneldigger.api.event.SessionMtuChanged;

/**
 * A queue of events that are delivered one hook call after the other. While a call is to be made the lane waits for a
 * worker; idle, it costs no thread.
 *
 * <p>Safe for all threads; the monitor is held for a few instructions, never during a hook call.
 */
final class EventLane {
    private enum State {
        /** Nothing to deliver. */
        IDLE,
        /** There is a call to make, and a worker was asked for. */
        READY,
        /** A hook call is running. */
        RUNNING
    }

    /** @param route the hooks that there were when the event happened, in the order of calling: those that it is for */
    private record Entry(HookEvent event, Runnable done, List<HookTarget> route) {}

    private final HookDispatcher dispatcher;
    private final Deque<Entry> waiting = new ArrayDeque<>(2);
    private final Set<PluginRecord> stuckHere = Collections.newSetFromMap(new IdentityHashMap<>(2));

    private State state = State.IDLE;
    private @Nullable HookCall running;

    /** The event under way, and the place of the next hook among its own. */
    private @Nullable Entry current;

    private int position;

    EventLane(HookDispatcher dispatcher) {
        this.dispatcher = dispatcher;
    }

    synchronized void add(HookEvent event, Runnable done) {
        add(new Entry(event, done, dispatcher.route(event.kind())));
    }

    /** Adds an event that is news for one plugin only. */
    synchronized void addFor(RegisteredPlugin plugin, HookEvent event) {
        List<HookTarget> ofPlugin = dispatcher.route(event.kind()).stream()
                .filter(target -> target.plugin().plugin() == plugin)
                .toList();
        add(new Entry(event, () -> {}, ofPlugin));
    }

    private void add(Entry entry) {
        waiting.addLast(entry);
        dispatcher.waitingChanged(1);
        if (state == State.IDLE) {
            findWork();
        }
    }

    /** Adds the change, merged with the one before it if no hook was called for that yet. */
    synchronized void addMtuChange(SessionMtuChanged change) {
        SessionMtuChanged merged = change;
        Entry last = waiting.peekLast();
        if (last != null && last.event() instanceof HookEvent.MtuChanged pending) {
            waiting.removeLast();
            dispatcher.waitingChanged(-1);
            merged = new SessionMtuChanged(change.session(), pending.event().oldMtu(), change.newMtu(), change.at());
        }
        if (merged.oldMtu() != merged.newMtu()) {
            add(new HookEvent.MtuChanged(merged), () -> {});
        }
    }

    /** Makes the next call, if there still is one; on a worker's thread. */
    void work() {
        HookCall call;
        synchronized (this) {
            if (state != State.READY) {
                return; // what this worker was asked for was skipped meanwhile
            }
            call = takeCall();
            if (call == null) {
                state = State.IDLE;
                dispatcher.idle(this);
                return;
            }
            state = State.RUNNING;
            running = call;
        }
        call.run();
    }

    /** The running call has its outcome: the next one may be made. Once a call, on any thread. */
    synchronized void settled() {
        running = null;
        findWork();
    }

    /** A call of this plugin was given up; until {@link #unstuck} the plugin is skipped in this lane. */
    synchronized void stuck(PluginRecord plugin) {
        stuckHere.add(plugin);
    }

    synchronized void unstuck(PluginRecord plugin) {
        stuckHere.remove(plugin);
    }

    /** Skips the calls whose time is over, and has the running one end in time. */
    synchronized void applyCutoffs() {
        if (running != null) {
            running.applyCutoff();
        } else if (state == State.READY && !moveToCall()) {
            state = State.IDLE;
            dispatcher.idle(this);
        }
    }

    private void findWork() {
        if (moveToCall()) {
            state = State.READY;
            dispatcher.ready(this);
        } else {
            state = State.IDLE;
            dispatcher.idle(this);
        }
    }

    private @Nullable HookCall takeCall() {
        while (moveToCall()) {
            if (current == null) {
                begin();
            } else {
                return new HookCall(
                        dispatcher, this, current.event(), current.route().get(position++));
            }
        }
        return null;
    }

    /**
     * Passes over what is not to be called, finishing events on the way, until it stands before a call that is. The first
     * event stays in the queue until a worker takes it up, so that MTU changes can still merge.
     *
     * @return false if nothing is left to deliver
     */
    private boolean moveToCall() {
        while (true) {
            Entry entry = current;
            if (entry == null) {
                Entry first = waiting.peekFirst();
                if (first == null) {
                    return false;
                }
                HookKind kind = first.event().kind();
                if (!first.route().isEmpty() && !dispatcher.isCutOff(kind)) {
                    return true;
                }
                entry = begin();
            }
            if (skipToCall(entry)) {
                return true;
            }
            dispatcher.complete(entry.done());
            current = null;
        }
    }

    private boolean skipToCall(Entry entry) {
        HookKind kind = entry.event().kind();
        List<HookTarget> route = entry.route();
        for (; position < route.size(); position++) {
            if (entry.event().settled()) {
                position = route.size();
                return false;
            }
            PluginRecord plugin = route.get(position).plugin();
            if (plugin.retired()) {
                entry.event().missed(plugin);
                continue;
            }
            if (!dispatcher.isCutOff(kind) && !dispatcher.isSuspended(plugin) && !stuckHere.contains(plugin)) {
                return true;
            }
            plugin.count(kind, Outcome.SKIPPED);
            entry.event().missed(plugin);
        }
        return false;
    }

    private Entry begin() {
        Entry first = waiting.removeFirst();
        dispatcher.waitingChanged(-1);
        current = first;
        position = 0;
        return first;
    }
}
