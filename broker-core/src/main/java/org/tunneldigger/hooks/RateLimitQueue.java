// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.hooks;

import java.util.ArrayDeque;
import java.util.Deque;
import org.tunneldigger.api.event.ConnectionRateLimited;

/**
 * The connection-rate-limit events: in no order with the sessions, a few at a time, and under a flood the oldest waiting
 * ones give way. Safe for all threads.
 */
final class RateLimitQueue {
    private static final int AT_A_TIME = 4;

    private final int capacity;
    private final Deque<EventLane> idle = new ArrayDeque<>(AT_A_TIME);
    private final Deque<HookEvent> waiting = new ArrayDeque<>();
    private long dropped;

    RateLimitQueue(HookDispatcher dispatcher, int capacity) {
        this.capacity = capacity;
        for (int i = 0; i < AT_A_TIME; i++) {
            idle.push(new EventLane(dispatcher));
        }
    }

    synchronized void add(ConnectionRateLimited event) {
        EventLane lane = idle.poll();
        if (lane != null) {
            deliver(lane, new HookEvent.RateLimited(event));
            return;
        }
        if (waiting.size() >= capacity) {
            waiting.removeFirst();
            dropped++;
        }
        waiting.addLast(new HookEvent.RateLimited(event));
    }

    synchronized long dropped() {
        return dropped;
    }

    private synchronized void delivered(EventLane lane) {
        HookEvent next = waiting.poll();
        if (next == null) {
            idle.push(lane);
        } else {
            deliver(lane, next);
        }
    }

    private void deliver(EventLane lane, HookEvent event) {
        lane.add(event, () -> delivered(lane));
    }
}
