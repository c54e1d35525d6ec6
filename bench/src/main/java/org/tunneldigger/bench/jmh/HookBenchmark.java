// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.bench.jmh;

import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.tunneldigger.api.event.Datapath;
import org.tunneldigger.api.event.SessionInfo;
import org.tunneldigger.api.event.SessionProfile;
import org.tunneldigger.api.hook.SessionUpHook;
import org.tunneldigger.hooks.HookDispatcher;
import org.tunneldigger.hooks.HookLimits;
import org.tunneldigger.hooks.RegisteredPlugin;

/** From an event to the end of a hook that does nothing, on another thread; and what an event costs that nobody wants. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class HookBenchmark {
    private static final int SESSIONS = 256;

    private final SessionInfo session = new SessionInfo(
            100,
            100,
            "l2tp100-100",
            new InetSocketAddress("192.0.2.2", 40_000),
            new InetSocketAddress("192.0.2.1", 8942),
            "node",
            Datapath.TAP,
            Set.of(),
            SessionProfile.none(),
            Instant.EPOCH);
    private final SessionUpHook nothing = event -> {};
    private final HookDispatcher one =
            new HookDispatcher(List.of(new RegisteredPlugin("nothing", List.of(nothing))), HookLimits.defaults());
    private final HookDispatcher none = new HookDispatcher(List.of(), HookLimits.defaults());

    /** One session alone: hand-over to a worker and back included. */
    @Benchmark
    public void upOfOneSession() throws InterruptedException {
        up(one, 1);
    }

    /** Many sessions at once, each event's share. */
    @Benchmark
    @OperationsPerInvocation(SESSIONS)
    public void upOfManySessions() throws InterruptedException {
        up(one, SESSIONS);
    }

    @Benchmark
    @OperationsPerInvocation(SESSIONS)
    public void upWithoutPlugins() throws InterruptedException {
        up(none, SESSIONS);
    }

    private void up(HookDispatcher dispatcher, int sessions) throws InterruptedException {
        CountDownLatch done = new CountDownLatch(sessions);
        for (int i = 0; i < sessions; i++) {
            dispatcher.openLane(session).up(1446, done::countDown);
        }
        done.await();
    }

    @TearDown
    public void close() {
        one.close();
        none.close();
    }
}
