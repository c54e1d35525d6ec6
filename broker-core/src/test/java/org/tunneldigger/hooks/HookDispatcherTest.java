// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.hooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tunneldigger.hooks.HookFixture.await;
import static org.tunneldigger.hooks.HookFixture.awaitIgnoringInterrupts;
import static org.tunneldigger.hooks.HookFixture.limits;
import static org.tunneldigger.hooks.HookFixture.refusal;
import static org.tunneldigger.hooks.HookFixture.session;
import static org.tunneldigger.hooks.HookFixture.waitUntil;
import static org.tunneldigger.hooks.ScriptedPlugin.plugin;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.tunneldigger.api.event.EndReason;
import org.tunneldigger.api.hook.HookFailedException;

class HookDispatcherTest {
    private @Nullable HookDispatcher dispatcher;

    @AfterEach
    void close() {
        if (dispatcher != null) {
            dispatcher.close();
        }
    }

    private HookDispatcher dispatch(HookLimits limits, RegisteredPlugin... plugins) {
        HookDispatcher made = new HookDispatcher(List.of(plugins), limits);
        dispatcher = made;
        return made;
    }

    private static void endAndWait(HookLane lane) throws InterruptedException {
        CountDownLatch done = new CountDownLatch(2);
        lane.preDown(1446, EndReason.TIMEOUT, done::countDown);
        lane.down(1446, EndReason.TIMEOUT, done::countDown);
        await(done);
    }

    @Test
    void doneRunsOnAnotherThreadWithoutAnyPlugin() throws Exception {
        HookLane lane = dispatch(limits()).openLane(session(1));
        CompletableFuture<Thread> preDown = new CompletableFuture<>();
        lane.up(1446, () -> {});
        lane.preDown(1446, EndReason.CLIENT_CLOSED, () -> preDown.complete(Thread.currentThread()));
        assertThat(preDown.get(20, TimeUnit.SECONDS)).isNotSameAs(Thread.currentThread());
    }

    @Test
    void pluginsRunInOrderOnTheWayUpAndInReverseOnTheWayDown() throws Exception {
        List<String> calls = new CopyOnWriteArrayList<>();
        HookLane lane = dispatch(
                        limits(),
                        plugin("a", call -> calls.add("a " + call.kind().configuredName())),
                        plugin("b", call -> calls.add("b " + call.kind().configuredName())))
                .openLane(session(1));
        lane.up(1446, () -> {});
        waitUntil("up", () -> calls.size() == 2);
        lane.mtuChanged(1446, 1346);
        endAndWait(lane);
        assertThat(calls)
                .containsExactly(
                        "a session.up",
                        "b session.up",
                        "a session.mtu-changed",
                        "b session.mtu-changed",
                        "b session.pre-down",
                        "a session.pre-down",
                        "b session.down",
                        "a session.down");
    }

    @Test
    void hungHookDelaysItsOwnSessionOnly() throws Exception {
        CountDownLatch hanging = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        HookDispatcher hooks = dispatch(limits().withDeadline(Duration.ofMinutes(1)), plugin("p", call -> {
            if (call.tunnelId() == 1 && call.kind() == HookKind.SESSION_UP) {
                hanging.countDown();
                release.await();
            }
        }));
        hooks.openLane(session(1)).up(1446, () -> {});
        await(hanging);
        for (int id = 2; id < 50; id++) {
            HookLane lane = hooks.openLane(session(id));
            lane.up(1446, () -> {});
            endAndWait(lane);
        }
        assertThat(hooks.snapshot().count("p", HookKind.SESSION_UP, Outcome.OK)).isEqualTo(48);
        assertThat(hooks.snapshot().runningCalls()).isEqualTo(1);
        release.countDown();
    }

    @Test
    void atTheDeadlineTheHookIsInterruptedAndTheNextPluginCalled() throws Exception {
        AtomicBoolean interrupted = new AtomicBoolean();
        AtomicBoolean leaked = new AtomicBoolean();
        HookDispatcher hooks = dispatch(
                limits().withWorkers(1),
                plugin("slow", call -> {
                    try {
                        new CountDownLatch(1).await();
                    } catch (InterruptedException e) {
                        interrupted.set(true);
                        Thread.currentThread().interrupt(); // as good manners have it; must not meet the next call
                    }
                }),
                plugin(
                        "next",
                        call -> leaked.compareAndSet(
                                false, Thread.currentThread().isInterrupted())));
        endAndWait(hooks.openLane(session(1)));
        assertThat(interrupted).isTrue();
        assertThat(leaked).isFalse();
        assertThat(hooks.snapshot().count("slow", HookKind.SESSION_DOWN, Outcome.TIMED_OUT))
                .isEqualTo(1);
        assertThat(hooks.snapshot().count("next", HookKind.SESSION_DOWN, Outcome.OK))
                .isEqualTo(1);
    }

    @Test
    void callThatIgnoresTheInterruptIsLeftBehindAndItsPluginSkippedForThisSession() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        List<HookKind> seen = new CopyOnWriteArrayList<>();
        HookDispatcher hooks = dispatch(
                limits().withWorkers(1),
                plugin("stuck", call -> {
                    if (call.tunnelId() == 1 && call.kind() == HookKind.SESSION_UP) {
                        awaitIgnoringInterrupts(release);
                    } else if (call.tunnelId() == 1) {
                        seen.add(call.kind());
                    }
                }),
                plugin("other", call -> {}));
        HookLane lane = hooks.openLane(session(1));
        lane.up(1446, () -> {});
        CountDownLatch preDown = new CountDownLatch(1);
        lane.preDown(1446, EndReason.TIMEOUT, preDown::countDown);
        await(preDown);
        HookSnapshot whileStuck = hooks.snapshot();
        assertThat(whileStuck.count("stuck", HookKind.SESSION_UP, Outcome.TIMED_OUT))
                .isEqualTo(1);
        assertThat(whileStuck.count("stuck", HookKind.SESSION_PRE_DOWN, Outcome.SKIPPED))
                .isEqualTo(1);
        assertThat(whileStuck.count("other", HookKind.SESSION_PRE_DOWN, Outcome.OK))
                .isEqualTo(1);
        assertThat(whileStuck.stuckCalls()).isEqualTo(1);
        endAndWait(hooks.openLane(session(2))); // the one worker was replaced, the plugin lives for others

        release.countDown();
        waitUntil("returned", () -> hooks.snapshot().stuckCalls() == 0);
        CountDownLatch down = new CountDownLatch(1);
        lane.down(1446, EndReason.TIMEOUT, down::countDown);
        await(down);
        assertThat(seen).containsExactly(HookKind.SESSION_DOWN);
    }

    @Test
    void pluginWithTooManyStuckCallsIsSuspendedUntilTheyReturn() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        HookDispatcher hooks = dispatch(limits().withStuckCalls(2).withWorkers(2), plugin("stuck", call -> {
            if (call.kind() == HookKind.SESSION_UP && call.tunnelId() <= 2) {
                awaitIgnoringInterrupts(release);
            }
        }));
        hooks.openLane(session(1)).up(1446, () -> {});
        hooks.openLane(session(2)).up(1446, () -> {});
        waitUntil("both stuck", () -> hooks.snapshot().stuckCalls() == 2);
        endAndWait(hooks.openLane(session(3)));
        assertThat(hooks.snapshot().count("stuck", HookKind.SESSION_DOWN, Outcome.SKIPPED))
                .isEqualTo(1);
        release.countDown();
        waitUntil("returned", () -> hooks.snapshot().stuckCalls() == 0);
        endAndWait(hooks.openLane(session(4)));
        assertThat(hooks.snapshot().count("stuck", HookKind.SESSION_DOWN, Outcome.OK))
                .isEqualTo(1);
    }

    @Test
    void everythingThrownIsCountedAndEndsNothing() throws Exception {
        List<Throwable> evils = List.of(
                new Exception("two\nlines"),
                new LinkageError(),
                new AssertionError(),
                new StackOverflowError(),
                new OutOfMemoryError("not really"),
                new HookFailedException(HookFailedException.Severity.NOTICE, "notice"),
                new ExceptionThatThrows());
        HookDispatcher hooks = dispatch(
                limits(), plugin("evil", call -> sneakyThrow(evils.get(call.tunnelId()))), plugin("b", c -> {}));
        for (int i = 0; i < evils.size(); i++) {
            endAndWait(hooks.openLane(session(i)));
        }
        HookSnapshot snapshot = hooks.snapshot();
        assertThat(snapshot.count("evil", HookKind.SESSION_PRE_DOWN, Outcome.FAILED))
                .isEqualTo(evils.size());
        assertThat(snapshot.count("evil", HookKind.SESSION_DOWN, Outcome.FAILED))
                .isEqualTo(evils.size());
        assertThat(snapshot.count("b", HookKind.SESSION_DOWN, Outcome.OK)).isEqualTo(evils.size());
    }

    @Test
    void timeoutThrownByTheHookItselfCountsAsSuch() throws Exception {
        HookDispatcher hooks = dispatch(limits(), plugin("p", call -> {
            throw new TimeoutException("own limit");
        }));
        endAndWait(hooks.openLane(session(1)));
        assertThat(hooks.snapshot().count("p", HookKind.SESSION_DOWN, Outcome.TIMED_OUT))
                .isEqualTo(1);
    }

    @Test
    void waitingMtuChangesMergeIntoOneFromTheLastDelivered() throws Exception {
        CountDownLatch inUp = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        List<String> changes = new CopyOnWriteArrayList<>();
        HookDispatcher hooks = dispatch(limits().withDeadline(Duration.ofMinutes(1)), plugin("p", call -> {
            if (call.kind() == HookKind.SESSION_UP) {
                inUp.countDown();
                release.await();
            } else if (call.kind() == HookKind.SESSION_MTU_CHANGED) {
                changes.add(call.tunnelId() + ": " + call.oldMtu() + ">" + call.mtu());
            }
        }));
        HookLane merged = hooks.openLane(session(1));
        merged.up(1446, () -> {});
        await(inUp);
        merged.mtuChanged(1446, 1422);
        merged.mtuChanged(1422, 1396);
        merged.mtuChanged(1396, 1280);
        HookLane undone = hooks.openLane(session(2));
        undone.up(1446, () -> {});
        waitUntil("second in up", () -> hooks.snapshot().runningCalls() == 2);
        undone.mtuChanged(1446, 1396);
        undone.mtuChanged(1396, 1446);
        assertThat(hooks.snapshot().waitingEvents()).isEqualTo(1);
        release.countDown();
        endAndWait(merged);
        endAndWait(undone);
        merged.mtuChanged(1280, 1446); // too late
        assertThat(changes).containsExactly("1: 1446>1280");
        assertThat(hooks.snapshot().waitingEvents()).isZero();
    }

    @Test
    void noMoreCallsThanWorkersRunAtATimeAndWaitingOnesSaturate() throws Exception {
        Semaphore permits = new Semaphore(0);
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        HookDispatcher hooks = dispatch(
                limits().withDeadline(Duration.ofMinutes(1)).withWorkers(3).withWaitingEvents(10), plugin("p", call -> {
                    most.accumulateAndGet(running.incrementAndGet(), Math::max);
                    permits.acquire();
                    running.decrementAndGet();
                }));
        List<HookLane> lanes = new ArrayList<>();
        for (int id = 1; id <= 13; id++) {
            HookLane lane = hooks.openLane(session(id));
            lane.up(1446, () -> {});
            lanes.add(lane);
        }
        waitUntil("three run", () -> hooks.snapshot().waitingEvents() == 10);
        assertThat(hooks.saturated()).isFalse();
        HookLane last = hooks.openLane(session(14));
        last.up(1446, () -> {});
        assertThat(hooks.saturated()).isTrue();
        permits.release(1000);
        for (HookLane lane : lanes) {
            endAndWait(lane);
        }
        endAndWait(last);
        assertThat(most).hasValue(3);
        assertThat(hooks.saturated()).isFalse();
    }

    @Test
    void oneAddressIsToldOfAtMostOnceASecond() throws Exception {
        List<String> seen = Collections.synchronizedList(new ArrayList<>());
        HookDispatcher hooks = dispatch(limits(), plugin("p", call -> seen.add(call.uuid())));
        for (int i = 0; i < 50; i++) {
            hooks.rateLimited(refusal("2001:db8::1", "flood"));
        }
        hooks.rateLimited(refusal("2001:db8::2", "other"));
        waitUntil("both addresses", () -> seen.contains("flood") && seen.contains("other"));
        // The fifty take well below a second; should this machine stop for one, a second event is right.
        assertThat(Collections.frequency(seen, "flood")).isLessThan(3);
        assertThat(hooks.snapshot().droppedRateLimits()).isGreaterThan(46);
    }

    @Test
    void oldestWaitingRateLimitEventsAreDroppedAndCounted() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        List<String> seen = Collections.synchronizedList(new ArrayList<>());
        HookDispatcher hooks =
                dispatch(limits().withDeadline(Duration.ofMinutes(1)).withWaitingRateLimits(5), plugin("p", call -> {
                    release.await();
                    seen.add(call.uuid());
                }));
        for (int i = 0; i < 4; i++) {
            hooks.rateLimited(refusal("running"));
        }
        waitUntil("four run", () -> hooks.snapshot().runningCalls() == 4);
        for (int i = 0; i < 20; i++) {
            hooks.rateLimited(refusal("waiting " + i));
        }
        assertThat(hooks.snapshot().droppedRateLimits()).isEqualTo(15);
        assertThat(hooks.saturated()).isFalse();
        release.countDown();
        waitUntil("all seen", () -> seen.size() == 9);
        assertThat(seen).contains("waiting 15", "waiting 19").doesNotContain("waiting 14");
    }

    @Test
    void hurryCutsRunningHooksOffAndSkipsWaitingOnesByKind() throws Exception {
        CountDownLatch hanging = new CountDownLatch(2);
        HookDispatcher hooks = dispatch(
                limits().withDeadline(Duration.ofMinutes(5))
                        .withGrace(Duration.ofSeconds(20))
                        .withWorkers(2),
                plugin("p", call -> {
                    if (call.kind() == HookKind.SESSION_UP) {
                        hanging.countDown();
                        new CountDownLatch(1).await();
                    }
                }));
        CountDownLatch preDowns = new CountDownLatch(40);
        AtomicInteger dones = new AtomicInteger();
        for (int id = 1; id <= 40; id++) {
            HookLane lane = hooks.openLane(session(id));
            lane.up(1446, () -> {});
            lane.preDown(1446, EndReason.SHUTDOWN, () -> {
                dones.incrementAndGet();
                preDowns.countDown();
            });
        }
        await(hanging);
        long nowNanos = System.nanoTime();
        long laterNanos = nowNanos + TimeUnit.SECONDS.toNanos(60);
        hooks.hurry(nowNanos + TimeUnit.MILLISECONDS.toNanos(50), laterNanos, laterNanos);
        await(preDowns);
        HookSnapshot snapshot = hooks.snapshot();
        assertThat(snapshot.count("p", HookKind.SESSION_UP, Outcome.TIMED_OUT)).isEqualTo(2);
        assertThat(snapshot.count("p", HookKind.SESSION_UP, Outcome.SKIPPED)).isEqualTo(38);
        assertThat(snapshot.count("p", HookKind.SESSION_PRE_DOWN, Outcome.OK)).isEqualTo(40);
        assertThat(dones).hasValue(40);
    }

    @Test
    void hurryEndsHungPreDownsInTimeThoughNoWorkerIsFree() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        HookDispatcher hooks = dispatch(
                limits().withDeadline(Duration.ofMinutes(5)).withWorkers(2),
                plugin("p", call -> awaitIgnoringInterrupts(release)));
        CountDownLatch preDowns = new CountDownLatch(40);
        for (int id = 1; id <= 40; id++) {
            hooks.openLane(session(id)).preDown(1446, EndReason.SHUTDOWN, preDowns::countDown);
        }
        waitUntil("two run", () -> hooks.snapshot().runningCalls() == 2);
        long byNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(100);
        hooks.hurry(byNanos, byNanos, byNanos + TimeUnit.MILLISECONDS.toNanos(100));
        await(preDowns);
        assertThat(hooks.snapshot().count("p", HookKind.SESSION_PRE_DOWN, Outcome.SKIPPED))
                .isEqualTo(38);
        release.countDown();
        waitUntil("returned", () -> hooks.snapshot().stuckCalls() == 0);
    }

    @Test
    void afterCloseDoneStillRuns() throws Exception {
        HookDispatcher hooks = dispatch(limits(), plugin("p", call -> {}));
        hooks.close();
        endAndWait(hooks.openLane(session(1)));
        assertThat(hooks.snapshot().count("p", HookKind.SESSION_DOWN, Outcome.SKIPPED))
                .isEqualTo(1);
    }

    @Test
    void hookRunsWithItsPluginsClassLoaderAsContext() throws Exception {
        CompletableFuture<ClassLoader> context = new CompletableFuture<>();
        HookDispatcher hooks = dispatch(
                limits(),
                plugin("p", call -> context.complete(Thread.currentThread().getContextClassLoader())));
        hooks.openLane(session(1)).up(1446, () -> {});
        assertThat(context.get(20, TimeUnit.SECONDS)).isSameAs(ScriptedPlugin.class.getClassLoader());
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <T extends Throwable> void sneakyThrow(Throwable thrown) throws T {
        throw (T) thrown;
    }

    private static final class ExceptionThatThrows extends RuntimeException {
        private static final long serialVersionUID = 1L;

        @Override
        public String toString() {
            throw new IllegalStateException("not even this");
        }
    }
}
