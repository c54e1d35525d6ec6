// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.hooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.tunneldigger.hooks.HookFixture.PATIENCE;
import static org.tunneldigger.hooks.HookFixture.session;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.tunneldigger.api.event.EndReason;
import org.tunneldigger.log.LogOutput;

/**
 * Order under misfortune: many sessions, plugins that delay, fail and hang at random. Rerun a failure with
 * {@code -Dtunneldigger.seed=N}.
 */
class HookOrderTest {
    private static final int SESSIONS = 1000;
    private static final int[] MTUS = {1446, 1438, 1422, 1396, 1346, 1280};

    private static final String HOOKS = "org.tunneldigger.hooks";

    @BeforeAll
    static void hush() {
        LogOutput.PROCESS.limit(HOOKS, null); // thousands of expected failures are not for the log
    }

    @AfterAll
    static void unhush() {
        LogOutput.PROCESS.unlimit(HOOKS);
    }

    private final long seed = Long.getLong("tunneldigger.seed", System.nanoTime());
    private final Queue<String> violations = new ConcurrentLinkedQueue<>();

    /** What one plugin saw of one session, and the interface as the event loop has it. */
    private static final class Witness {
        private final AtomicBoolean inCall = new AtomicBoolean();
        private int lastRank = -1;
        private int toldMtu;
    }

    private static final class FakeSession {
        private volatile boolean interfaceThere = true;
        private final AtomicInteger preDownDone = new AtomicInteger();
        private final AtomicInteger downDone = new AtomicInteger();
    }

    @RepeatedTest(3)
    void eachSessionSeesItsEventsInOrder() throws Exception {
        run(true);
    }

    /** Without hung hooks nothing may be skipped. */
    @Test
    void nothingIsSkippedOrLostWhenHooksOnlyFailAndDelay() throws Exception {
        HookSnapshot snapshot = run(false);
        for (HookCount count : snapshot.counts()) {
            if (count.outcome() == Outcome.SKIPPED || count.outcome() == Outcome.TIMED_OUT) {
                assertThat(count.count()).as("%s, seed %d", count, seed).isZero();
            }
        }
        for (String plugin : List.of("steady", "moody")) {
            for (HookKind kind : List.of(HookKind.SESSION_UP, HookKind.SESSION_PRE_DOWN, HookKind.SESSION_DOWN)) {
                assertThat(snapshot.count(plugin, kind, Outcome.OK) + snapshot.count(plugin, kind, Outcome.FAILED))
                        .as("%s %s, seed %d", plugin, kind, seed)
                        .isEqualTo(SESSIONS);
            }
        }
    }

    private HookSnapshot run(boolean hangs) throws Exception {
        Map<Integer, FakeSession> sessions = new ConcurrentHashMap<>();
        HookLimits limits = HookLimits.defaults()
                .withDeadline(hangs ? Duration.ofMillis(30) : Duration.ofMinutes(1))
                .withGrace(Duration.ofMillis(10))
                .withStuckCalls(8);
        RegisteredPlugin steady = witness("steady", sessions, call -> {});
        RegisteredPlugin moody = witness("moody", sessions, call -> misbehave(call, hangs));
        HookSnapshot snapshot;
        try (HookDispatcher hooks = new HookDispatcher(List.of(steady, moody), limits)) {
            live(hooks, sessions);
            HookFixture.waitUntil("no stuck call", () -> hooks.snapshot().stuckCalls() == 0);
            snapshot = hooks.snapshot();
        }
        sessions.forEach((id, fake) -> {
            if (fake.preDownDone.get() != 1 || fake.downDone.get() != 1) {
                violations.add("session " + id + ": done ran " + fake.preDownDone + " and " + fake.downDone + " times");
            }
        });
        assertThat(violations).as("seed %d", seed).isEmpty();
        assertThat(snapshot.waitingEvents()).isZero();
        return snapshot;
    }

    /** Plays the event loop: one thread that brings sessions up, changes MTUs, and takes sessions down. */
    private void live(HookDispatcher hooks, Map<Integer, FakeSession> sessions) throws InterruptedException {
        Random random = new Random(seed);
        Queue<Runnable> inbox = new ConcurrentLinkedQueue<>();
        CountDownLatch ended = new CountDownLatch(SESSIONS);
        List<HookLane> lanes = new ArrayList<>();
        for (int id = 0; id < SESSIONS; id++) {
            FakeSession fake = new FakeSession();
            sessions.put(id, fake);
            HookLane lane = hooks.openLane(session(id));
            lanes.add(lane);
            lane.up(MTUS[0], () -> {});
            int mtu = MTUS[0];
            for (int change = random.nextInt(4); change > 0; change--) {
                int next = MTUS[random.nextInt(MTUS.length)];
                lane.mtuChanged(mtu, next);
                mtu = next;
                if (random.nextInt(4) == 0) {
                    drain(inbox);
                }
            }
            int last = mtu;
            lane.preDown(last, EndReason.TIMEOUT, () -> {
                fake.preDownDone.incrementAndGet();
                inbox.add(() -> {
                    fake.interfaceThere = false;
                    lane.down(last, EndReason.TIMEOUT, () -> {
                        fake.downDone.incrementAndGet();
                        ended.countDown();
                    });
                });
            });
        }
        long endNanos = System.nanoTime() + 6 * PATIENCE.toNanos();
        while (!ended.await(1, TimeUnit.MILLISECONDS)) {
            drain(inbox);
            if (System.nanoTime() - endNanos > 0) {
                fail("%d sessions did not end, seed %d", ended.getCount(), seed);
            }
        }
    }

    private static void drain(Queue<Runnable> inbox) {
        for (Runnable command = inbox.poll(); command != null; command = inbox.poll()) {
            command.run();
        }
    }

    private RegisteredPlugin witness(String id, Map<Integer, FakeSession> sessions, ScriptedPlugin.Script then) {
        Map<Integer, Witness> witnesses = new ConcurrentHashMap<>();
        return ScriptedPlugin.plugin(id, call -> {
            Witness witness = witnesses.computeIfAbsent(call.tunnelId(), key -> new Witness());
            String where = id + " " + call;
            if (!witness.inCall.compareAndSet(false, true)) {
                violations.add(where + " overlaps");
            }
            try {
                check(witness, call, where, id.equals("steady"));
                FakeSession fake = sessions.get(call.tunnelId());
                boolean there = fake != null && fake.interfaceThere;
                if (there == (call.kind() == HookKind.SESSION_DOWN)) {
                    violations.add(where + (there ? " with the interface" : " without interface"));
                }
                then.on(call);
            } finally {
                witness.inCall.set(false);
            }
        });
    }

    private void check(Witness witness, ScriptedPlugin.Call call, String where, boolean nothingSkipped) {
        int rank = call.kind().ordinal();
        boolean repeatable = call.kind() == HookKind.SESSION_MTU_CHANGED;
        if (rank < witness.lastRank || rank == witness.lastRank && !repeatable) {
            violations.add(where + " after " + HookKind.values()[witness.lastRank]);
        }
        witness.lastRank = rank;
        if (nothingSkipped && repeatable && witness.toldMtu != call.oldMtu()) {
            violations.add(where + " but the last told was " + witness.toldMtu);
        }
        if (nothingSkipped && rank > HookKind.SESSION_MTU_CHANGED.ordinal() && witness.toldMtu != call.mtu()) {
            violations.add(where + " but the last told was " + witness.toldMtu);
        }
        witness.toldMtu = call.mtu();
    }

    private void misbehave(ScriptedPlugin.Call call, boolean hangs) throws Exception {
        Random random = new Random(seed ^ call.tunnelId() * 31L + call.kind().ordinal());
        int dice = random.nextInt(200);
        if (dice < 40) {
            throw new IllegalStateException("by chance");
        } else if (dice < 140) {
            TimeUnit.MICROSECONDS.sleep(random.nextInt(2000));
        } else if (dice < 144 && hangs) {
            new CountDownLatch(1).await(); // until interrupted
        } else if (dice < 148 && hangs) {
            ignoreInterrupts(100);
        }
    }

    private static void ignoreInterrupts(long millis) {
        long endNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        while (System.nanoTime() - endNanos < 0) {
            try {
                Thread.sleep(5);
            } catch (InterruptedException ignored) {
                // that is the point
            }
        }
    }
}
