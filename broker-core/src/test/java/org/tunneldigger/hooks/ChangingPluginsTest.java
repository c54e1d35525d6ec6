// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.hooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tunneldigger.hooks.HookFixture.await;
import static org.tunneldigger.hooks.HookFixture.limits;
import static org.tunneldigger.hooks.HookFixture.session;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.tunneldigger.api.event.AccessDecision;
import org.tunneldigger.api.event.EndReason;
import org.tunneldigger.api.hook.SessionAuthorizeHook;

/** Plugins that come and go while sessions live. */
class ChangingPluginsTest {
    private final List<String> calls = new CopyOnWriteArrayList<>();
    private final HookDispatcher hooks = new HookDispatcher(List.of(), limits().withDeadline(Duration.ofSeconds(5)));

    @AfterEach
    void close() {
        hooks.close();
    }

    private RegisteredPlugin recording(String id) {
        return ScriptedPlugin.plugin(id, call -> calls.add(id + " " + call.kind() + " " + call.tunnelId()));
    }

    private static void end(HookLane lane) throws InterruptedException {
        CountDownLatch down = new CountDownLatch(1);
        lane.preDown(1446, EndReason.TIMEOUT, () -> {});
        lane.down(1446, EndReason.TIMEOUT, down::countDown);
        await(down);
    }

    @Test
    void newcomerIsToldOfASessionOnceThoughItsOldEventsStillWait() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        RegisteredPlugin slow = ScriptedPlugin.plugin("slow", call -> {
            calls.add("slow " + call.kind() + " " + call.tunnelId());
            if (call.kind() == HookKind.SESSION_UP) {
                entered.countDown();
                await(goOn);
            }
        });
        hooks.setPlugins(List.of(slow));
        HookLane lane = hooks.openLane(session(1));
        lane.up(1446, () -> {});
        await(entered);
        lane.mtuChanged(1446, 1400); // waits behind the slow one
        RegisteredPlugin newcomer = recording("new");
        hooks.setPlugins(List.of(slow, newcomer));
        lane.announce(newcomer, 1400);
        lane.mtuChanged(1400, 1350);
        goOn.countDown();
        end(lane);
        assertThat(calls)
                .filteredOn(call -> call.startsWith("new"))
                .containsExactly(
                        "new SESSION_UP 1",
                        "new SESSION_MTU_CHANGED 1",
                        "new SESSION_PRE_DOWN 1",
                        "new SESSION_DOWN 1");
        assertThat(calls)
                .filteredOn(call -> call.startsWith("slow"))
                .containsExactly(
                        "slow SESSION_UP 1",
                        "slow SESSION_MTU_CHANGED 1",
                        "slow SESSION_MTU_CHANGED 1",
                        "slow SESSION_PRE_DOWN 1",
                        "slow SESSION_DOWN 1");
    }

    @Test
    void sessionThatEndsIsNotAnnounced() throws Exception {
        HookLane lane = hooks.openLane(session(1));
        lane.up(1446, () -> {});
        lane.preDown(1446, EndReason.TIMEOUT, () -> {});
        RegisteredPlugin newcomer = recording("new");
        hooks.setPlugins(List.of(newcomer));
        lane.announce(newcomer, 1446);
        end(lane);
        assertThat(calls).doesNotContain("new SESSION_UP 1");
    }

    @Test
    void oneThatLeavesFinishesItsCallAndGetsNoOther() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        RegisteredPlugin leaving = ScriptedPlugin.plugin("leaving", call -> {
            entered.countDown();
            await(goOn);
            calls.add("leaving " + call.kind());
        });
        hooks.setPlugins(List.of(leaving));
        HookLane lane = hooks.openLane(session(1));
        lane.up(1446, () -> {});
        await(entered);
        hooks.setPlugins(List.of());
        assertThat(hooks.awaitIdle(leaving, Duration.ofMillis(20))).isFalse();
        goOn.countDown();
        assertThat(hooks.awaitIdle(leaving, Duration.ofSeconds(5))).isTrue();
        end(lane);
        assertThat(calls).containsExactly("leaving SESSION_UP");
    }

    private static RegisteredPlugin authorizing(String id, SessionAuthorizeHook hook) {
        return new RegisteredPlugin(id, List.of(hook));
    }

    private CompletableFuture<Verdict> ask(boolean failOpen) {
        CompletableFuture<Verdict> verdict = new CompletableFuture<>();
        hooks.decide(HookFixture.request(), failOpen, verdict::complete);
        return verdict;
    }

    private static Verdict answer(CompletableFuture<Verdict> asked) throws Exception {
        return asked.get(HookFixture.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    @Test
    void requestThatWasMeantForOneThatLeftIsUnanswered() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        RegisteredPlugin slow = authorizing("slow", request -> {
            entered.countDown();
            await(goOn);
            return AccessDecision.allow();
        });
        RegisteredPlugin leaving = authorizing("leaving", request -> AccessDecision.allow());
        hooks.setPlugins(List.of(slow, leaving));
        CompletableFuture<Verdict> closed = ask(false);
        await(entered);
        CompletableFuture<Verdict> open = ask(true);
        hooks.setPlugins(List.of(slow));
        goOn.countDown();
        assertThat(answer(closed))
                .isInstanceOfSatisfying(
                        Verdict.Denied.class,
                        denied -> assertThat(denied.plugin()).isEqualTo("leaving"));
        assertThat(answer(open)).isInstanceOf(Verdict.Allowed.class);
    }

    @Test
    void requestThatWaitsForAWorkerWhileItsPluginLeavesIsUnanswered() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        RegisteredPlugin busy = ScriptedPlugin.plugin("busy", call -> {
            entered.countDown();
            await(goOn);
        });
        RegisteredPlugin leaving = authorizing("leaving", request -> AccessDecision.allow());
        try (HookDispatcher one = new HookDispatcher(
                List.of(busy, leaving), limits().withWorkers(1).withDeadline(Duration.ofSeconds(20)))) {
            one.openLane(session(1)).up(1446, () -> {});
            await(entered);
            CompletableFuture<Verdict> verdict = new CompletableFuture<>();
            one.decide(HookFixture.request(), false, verdict::complete);
            one.setPlugins(List.of(busy));
            goOn.countDown();
            assertThat(answer(verdict)).isInstanceOf(Verdict.Denied.class);
        }
    }

    @Test
    void callThatMayNotBeginAnyMoreIsUnanswered() {
        RegisteredPlugin leaving = authorizing("leaving", request -> AccessDecision.allow());
        PluginRecord record = new PluginRecord(leaving, new OutcomeCounts());
        record.retire();
        Answers answers = new Answers();
        HookEvent event = new HookEvent.Authorize(HookFixture.request(), answers);
        HookTarget target = new HookTarget(record, leaving.hooks().get(0));
        new HookCall(hooks, new EventLane(hooks), event, target).run();
        assertThat(answers.verdict(false)).isInstanceOf(Verdict.Denied.class);
    }

    @Test
    void standInOfOneThatDecidesGivesNoAnswer() throws Exception {
        RegisteredPlugin decides = authorizing("decides", request -> AccessDecision.allow());
        hooks.setPlugins(List.of(decides.standIn().orElseThrow()));
        assertThat(hooks.decides()).isTrue();
        assertThat(answer(ask(false)))
                .isInstanceOfSatisfying(
                        Verdict.Denied.class,
                        denied -> assertThat(denied.plugin()).isEqualTo("decides"));
        assertThat(answer(ask(true))).isInstanceOf(Verdict.Allowed.class);
        assertThat(recording("other").standIn()).isEmpty();
    }

    @Test
    void countsGoOnOverAReload() throws Exception {
        for (int version = 1; version <= 2; version++) {
            RegisteredPlugin plugin = recording("same");
            hooks.setPlugins(List.of(plugin));
            HookLane lane = hooks.openLane(session(version));
            lane.up(1446, () -> {});
            end(lane);
        }
        assertThat(hooks.snapshot().count("same", HookKind.SESSION_UP, Outcome.OK))
                .isEqualTo(2);
    }
}
