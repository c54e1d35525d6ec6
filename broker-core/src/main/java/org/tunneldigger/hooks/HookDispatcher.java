// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.hooks;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tunneldigger.api.event.ConnectionRateLimited;
import org.tunneldigger.api.event.SessionInfo;
import org.tunneldigger.api.event.SessionRequest;

/**
 * Delivers events to hooks under the contract of {@link org.tunneldigger.api.hook.Hook}: in order within a session,
 * sessions in parallel on a bounded number of threads, each call with a deadline and an outcome.
 *
 * <p>Its methods are called by the event loop's thread, return at once and throw nothing, {@link #close} aside. It starts
 * threads when there is work and lets them end when there is none.
 */
public final class HookDispatcher implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(HookDispatcher.class);
    private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final HookLimits limits;
    private final PluginRegistry registry = new PluginRegistry();
    private final HookLog hookLog = new HookLog();
    private final HookWorkers workers;
    private final ScheduledThreadPoolExecutor clock;
    private final ThreadPoolExecutor completions;
    private final RateLimitQueue rateLimits;
    private final Set<EventLane> busyLanes = ConcurrentHashMap.newKeySet();
    private final AtomicInteger waitingEvents = new AtomicInteger();
    private final AtomicInteger runningCalls = new AtomicInteger();
    private volatile @Nullable HookCutoffs cutoffs;

    /** @param plugins in configured order */
    public HookDispatcher(List<RegisteredPlugin> plugins, HookLimits limits) {
        this(plugins, limits, new HookWorkers(limits.workers()));
    }

    HookDispatcher(List<RegisteredPlugin> plugins, HookLimits limits, HookWorkers workers) {
        this.limits = limits;
        registry.set(plugins);
        this.workers = workers;
        this.completions = HookWorkers.elastic(1, HookWorkers.daemons("hook-done-"));
        this.clock = new ScheduledThreadPoolExecutor(1, HookWorkers.daemons("hook-deadlines-"));
        clock.setRemoveOnCancelPolicy(true);
        clock.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
        clock.prestartCoreThread(); // so that no call depends on getting a thread for its deadline
        this.rateLimits = new RateLimitQueue(this, limits.waitingRateLimits());
    }

    /** A lane for a new session; it needs no closing. */
    public HookLane openLane(SessionInfo session) {
        return new HookLane(session, new EventLane(this));
    }

    /**
     * Takes these plugins instead of those that there are. Of one that is gone no call begins any more; one that is new gets the
     * events that are added from now on, and no older ones.
     *
     * @param plugins in configured order; those that stay are the same objects as before
     */
    public void setPlugins(List<RegisteredPlugin> plugins) {
        registry.set(plugins);
    }

    /**
     * Waits until no call of a plugin that was taken away runs any more. Not for the event loop's thread.
     *
     * @return whether that was so in time
     */
    public boolean awaitIdle(RegisteredPlugin plugin, Duration patience) throws InterruptedException {
        return registry.awaitIdle(plugin, patience);
    }

    /** Whether anybody wants a say in who gets a session, or how it is to be. */
    public boolean decides() {
        return !route(HookKind.SESSION_AUTHORIZE).isEmpty()
                || !route(HookKind.SESSION_PROFILE).isEmpty();
    }

    /**
     * Asks session.authorize and then, where nobody denies, session.profile.
     *
     * @param failOpen whether a plugin that fails to answer session.authorize counts as one that allows
     * @param done gets the verdict, on a thread of the dispatcher, exactly once
     */
    public void decide(SessionRequest request, boolean failOpen, Consumer<Verdict> done) {
        EventLane lane = new EventLane(this);
        Answers answers = new Answers();
        lane.add(new HookEvent.Authorize(request, answers), () -> {
            Verdict verdict = answers.verdict(failOpen);
            if (verdict instanceof Verdict.Denied) {
                done.accept(verdict);
                return;
            }
            lane.add(new HookEvent.Profile(request, answers), () -> {
                answers.close();
                done.accept(answers.verdict(failOpen));
            });
        });
    }

    /** Tells broker.connection-rate-limit, in no order with anything else; dropped if too many wait. */
    public void rateLimited(ConnectionRateLimited event) {
        if (!route(HookKind.CONNECTION_RATE_LIMIT).isEmpty()) {
            rateLimits.add(event);
        }
    }

    /** Whether so many events wait that no new session should be admitted. */
    public boolean saturated() {
        return waitingEvents.get() > limits.waitingEvents();
    }

    /**
     * The broker stops: from the given times on, values of {@link System#nanoTime}, running hooks are cut off as at their
     * deadline and waiting ones skipped. So the {@code done} callbacks of a kind have run by its time plus the grace. May
     * be called again with other times; calls that were skipped stay so.
     *
     * @param othersByNanos for session.up, session.mtu-changed and broker.connection-rate-limit
     * @param preDownByNanos for session.pre-down
     * @param downByNanos for session.down
     */
    public void hurry(long othersByNanos, long preDownByNanos, long downByNanos) {
        cutoffs = new HookCutoffs(othersByNanos, preDownByNanos, downByNanos);
        long nowNanos = System.nanoTime();
        applyCutoffs();
        for (long byNanos : new long[] {othersByNanos, preDownByNanos, downByNanos}) {
            if (byNanos - nowNanos > 0) {
                after(byNanos - nowNanos, this::applyCutoffs);
            }
        }
    }

    /** Outcomes and gauges; from any thread. */
    public HookSnapshot snapshot() {
        List<HookCount> outcomes = new ArrayList<>();
        int stuckCalls = 0;
        for (PluginRecord plugin : registry.plugins()) {
            outcomes.addAll(plugin.counts());
            stuckCalls += plugin.stuckCalls().get();
        }
        return new HookSnapshot(outcomes, waitingEvents.get(), runningCalls.get(), stuckCalls, rateLimits.dropped());
    }

    /**
     * Cuts off all hooks at once, and waits until each has its outcome, at most the grace and a second. Events added
     * afterwards are skipped; their {@code done} runs all the same.
     */
    @Override
    public void close() {
        long nowNanos = System.nanoTime();
        hurry(nowNanos, nowNanos, nowNanos);
        long giveUpNanos = nowNanos + limits.grace().toNanos() + TimeUnit.SECONDS.toNanos(1);
        try {
            while (!busyLanes.isEmpty() && System.nanoTime() - giveUpNanos < 0) {
                Thread.sleep(5);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        clock.shutdownNow();
    }

    // What follows is called by lanes and calls, on any thread.

    HookLimits limits() {
        return limits;
    }

    List<HookTarget> route(HookKind kind) {
        return registry.route(kind);
    }

    boolean isSuspended(PluginRecord plugin) {
        return plugin.stuckCalls().get() >= limits.stuckCalls();
    }

    boolean isCutOff(HookKind kind) {
        HookCutoffs known = cutoffs;
        return known != null && known.byNanos(kind) - System.nanoTime() <= 0;
    }

    /** When a call of this kind that begins now is cut off. */
    long deadlineNanos(HookKind kind, long nowNanos) {
        long ordinaryNanos = nowNanos + limits.deadline().toNanos();
        HookCutoffs known = cutoffs;
        if (known == null || known.byNanos(kind) - ordinaryNanos > 0) {
            return ordinaryNanos;
        }
        return known.byNanos(kind);
    }

    void waitingChanged(int difference) {
        waitingEvents.addAndGet(difference);
    }

    /** The lane has a call to make. */
    void ready(EventLane lane) {
        busyLanes.add(lane);
        askWorker(lane);
    }

    private void askWorker(EventLane lane) {
        try {
            workers.execute(lane::work);
        } catch (Throwable noThread) {
            // Typically OutOfMemoryError: no thread to be had. The event loop must live, the event must not be lost,
            // and the clock's one thread, which enforces the deadlines, is not for hooks. By then the lane may be idle.
            log.error("no worker for hooks, trying again in a second: {}", OneLine.of(noThread));
            after(RETRY_NANOS, () -> askWorker(lane));
        }
    }

    void idle(EventLane lane) {
        busyLanes.remove(lane);
    }

    void complete(Runnable done) {
        Runnable guarded = () -> {
            try {
                done.run();
            } catch (Throwable thrown) {
                log.error("what was to happen after a hook failed", thrown);
            }
        };
        try {
            completions.execute(guarded);
        } catch (Throwable noThread) {
            log.error("no thread to go on after a hook, using another: {}", OneLine.of(noThread));
            after(0, guarded);
        }
    }

    void began() {
        runningCalls.incrementAndGet();
    }

    /** A call has ended by itself or after its interrupt. */
    void ended(HookCall call, Outcome outcome, @Nullable Throwable problem) {
        runningCalls.decrementAndGet();
        call.plugin().count(call.event().kind(), outcome);
        if (outcome != Outcome.OK) {
            call.event().missed(call.plugin());
        }
        hookLog.ended(call, outcome, problem);
        call.lane().settled();
    }

    /** A call did not end after its interrupt: its lane goes on without it. */
    void givenUp(HookCall call, String place) {
        PluginRecord plugin = call.plugin();
        runningCalls.decrementAndGet();
        plugin.count(call.event().kind(), Outcome.TIMED_OUT);
        call.event().missed(plugin);
        hookLog.givenUp(call, place);
        int stuckCalls = plugin.stuckCalls().incrementAndGet();
        if (stuckCalls == limits.stuckCalls()) {
            hookLog.suspended(plugin, stuckCalls);
        }
        call.lane().stuck(plugin);
        workers.threadLost();
        call.lane().settled();
    }

    /** A call that was given up has returned after all. */
    void returned(HookCall call) {
        PluginRecord plugin = call.plugin();
        call.lane().unstuck(plugin);
        workers.threadReturned();
        if (plugin.stuckCalls().decrementAndGet() == limits.stuckCalls() - 1) {
            hookLog.resumed(plugin);
        }
    }

    Future<?> after(long nanos, Runnable action) {
        return clock.schedule(action, Math.max(0, nanos), TimeUnit.NANOSECONDS);
    }

    private void applyCutoffs() {
        busyLanes.forEach(EventLane::applyCutoffs);
    }
}
