// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tunneldigger.nativeio.EventFd;

@Timeout(20)
class EventLoopTest {
    private final EventLoop loop;

    EventLoopTest() throws Exception {
        loop = new EventLoop();
    }

    @AfterEach
    void close() {
        loop.close();
    }

    @Test
    void runsCommandsInTheOrderOfPostingFromAnyThread() throws Exception {
        List<Integer> seen = new ArrayList<>();
        Thread poster = new Thread(() -> {
            for (int i = 0; i < 10_000; i++) {
                int number = i;
                loop.post(() -> seen.add(number));
            }
            loop.post(loop::stop);
        });
        poster.start();
        loop.run();
        poster.join();
        assertThat(seen).hasSize(10_000).isSorted();
    }

    @Test
    void timersFireInOrderNeverEarlyAndNotWhenCancelled() throws Exception {
        List<String> seen = new ArrayList<>();
        long now = System.nanoTime();
        long late = now + TimeUnit.MILLISECONDS.toNanos(30);
        loop.schedule(late, () -> {
            seen.add("late");
            assertThat(loop.nowNanos() - late).isNotNegative();
            loop.stop();
        });
        loop.schedule(now, () -> seen.add("first"));
        loop.schedule(now, () -> seen.add("second"));
        Timer cancelled = loop.schedule(now + 1, () -> seen.add("cancelled"));
        cancelled.cancel();
        loop.run();
        assertThat(seen).containsExactly("first", "second", "late");
    }

    @Test
    void whatATimerAsksForCountsFromWhenItFires() throws Exception {
        AtomicLong fired = new AtomicLong();
        loop.post(() -> hold(20)); // the same turn's, before its timers
        long due = System.nanoTime();
        loop.schedule(due, () -> {
            fired.set(loop.nowNanos());
            loop.stop();
        });
        loop.run();
        assertThat(fired.get() - due).isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(20));
    }

    @Test
    void whatCameBeforeATimerWasSeenToBeDueIsHandledBeforeIt() throws Exception {
        try (EventFd packet = EventFd.open()) {
            List<String> seen = new ArrayList<>();
            loop.watch(packet.fd(), () -> {
                seen.add("packet");
                loop.unwatch(packet.fd());
            });
            loop.schedule(System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(200), () -> {
                seen.add("timer");
                loop.stop();
            });
            loop.post(() -> {
                hold(300); // it becomes due in a long turn, during which a packet comes
                packet.signal();
            });
            loop.run();
            assertThat(seen).containsExactly("packet", "timer");
        }
    }

    private static void hold(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aFaultInAHandlerCostsThatCallOnly() throws Exception {
        List<String> seen = new ArrayList<>();
        loop.post(() -> {
            throw new StackOverflowError("seen in the log, on purpose");
        });
        loop.post(() -> seen.add("still here"));
        loop.post(loop::stop);
        loop.run();
        assertThat(seen).containsExactly("still here");
    }

    @Test
    void anUnwatchedDescriptorIsNotReportedAnyMoreEvenInTheSameTurn() throws Exception {
        try (EventFd one = EventFd.open();
                EventFd other = EventFd.open()) {
            List<String> seen = new ArrayList<>();
            loop.watch(one.fd(), () -> {
                seen.add("ready");
                loop.unwatch(one.fd());
                loop.unwatch(other.fd());
            });
            loop.watch(other.fd(), () -> {
                seen.add("ready");
                loop.unwatch(one.fd());
                loop.unwatch(other.fd());
            });
            one.signal();
            other.signal();
            loop.schedule(System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(20), loop::stop);
            loop.run();
            assertThat(seen).containsExactly("ready");
        }
    }
}
