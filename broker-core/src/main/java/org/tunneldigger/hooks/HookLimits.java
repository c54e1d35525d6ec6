// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.hooks;

import java.time.Duration;

/**
 * The bounds within which hooks run.
 *
 * @param workers hook calls that run at the same time, at least 1
 * @param deadline time for one hook call, after which its thread is interrupted
 * @param grace time after the interrupt for the hook to return, after which its thread is left behind and replaced
 * @param stuckCalls threads that a plugin may hold by such calls; while it holds as many it is not called at all
 * @param waitingEvents session events waiting above which the dispatcher counts as saturated
 * @param waitingRateLimits connection-rate-limit events that may wait; the oldest go first
 */
public record HookLimits(
        int workers, Duration deadline, Duration grace, int stuckCalls, int waitingEvents, int waitingRateLimits) {
    public HookLimits {
        if (workers < 1 || stuckCalls < 1 || waitingEvents < 1 || waitingRateLimits < 1) {
            throw new IllegalArgumentException("a hook limit below 1");
        }
        if (deadline.isNegative() || deadline.isZero() || grace.isNegative()) {
            throw new IllegalArgumentException("a hook deadline that is not positive");
        }
    }

    public static HookLimits defaults() {
        return new HookLimits(16, Duration.ofSeconds(10), Duration.ofSeconds(2), 4, 1024, 256);
    }

    public HookLimits withWorkers(int count) {
        return new HookLimits(count, deadline, grace, stuckCalls, waitingEvents, waitingRateLimits);
    }

    public HookLimits withDeadline(Duration time) {
        return new HookLimits(workers, time, grace, stuckCalls, waitingEvents, waitingRateLimits);
    }

    public HookLimits withGrace(Duration time) {
        return new HookLimits(workers, deadline, time, stuckCalls, waitingEvents, waitingRateLimits);
    }

    public HookLimits withStuckCalls(int count) {
        return new HookLimits(workers, deadline, grace, count, waitingEvents, waitingRateLimits);
    }

    public HookLimits withWaitingEvents(int count) {
        return new HookLimits(workers, deadline, grace, stuckCalls, count, waitingRateLimits);
    }

    public HookLimits withWaitingRateLimits(int count) {
        return new HookLimits(workers, deadline, grace, stuckCalls, waitingEvents, count);
    }
}
