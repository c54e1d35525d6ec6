// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.hooks;

import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.tunneldigger.api.event.ConnectionRateLimited;

/**
 * The connection-rate-limit events: in no order with the sessions, a few at a time, of one address at most one a second, and
 * under a flood the oldest waiting ones give way. Safe for all threads.
 */
final class RateLimitQueue {
    private static final int AT_A_TIME = 4;
    private static final long ADDRESS_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final int MAX_ADDRESSES = 4096;

    private final int capacity;
    private final Deque<EventLane> idle = new ArrayDeque<>(AT_A_TIME);
    private final Deque<HookEvent> waiting = new ArrayDeque<>();
    /** When an event of each address was taken last, the oldest first; values of {@link System#nanoTime}. */
    private final Map<InetAddress, Long> lastOfAddress = new LinkedHashMap<>();

    private long dropped;

    RateLimitQueue(HookDispatcher dispatcher, int capacity) {
        this.capacity = capacity;
        for (int i = 0; i < AT_A_TIME; i++) {
            idle.push(new EventLane(dispatcher));
        }
    }

    synchronized void add(ConnectionRateLimited event) {
        if (!due(event.remote().getAddress(), System.nanoTime())) {
            dropped++;
            return;
        }
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

    private boolean due(InetAddress address, long nowNanos) {
        Long last = lastOfAddress.get(address);
        if (last != null && nowNanos - last < ADDRESS_PAUSE_NANOS) {
            return false;
        }
        lastOfAddress.remove(address);
        lastOfAddress.put(address, nowNanos);
        if (lastOfAddress.size() > MAX_ADDRESSES) {
            lastOfAddress.remove(lastOfAddress.keySet().iterator().next());
        }
        return true;
    }
}
