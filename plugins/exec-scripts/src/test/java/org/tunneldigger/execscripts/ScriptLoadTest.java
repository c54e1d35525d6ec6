// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.execscripts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tunneldigger.execscripts.ScriptFixture.up;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** As many events at once as a broker can offer. */
@Timeout(240)
class ScriptLoadTest {
    private static final int THREADS = 16;
    private static final int EVENTS = 1000;
    private static final int MAX_PROCESSES = 4;

    @TempDir
    private Path folder = Path.of("set by JUnit");

    private ScriptFixture scripts = new ScriptFixture(folder);

    @BeforeEach
    void useFolder() {
        scripts = new ScriptFixture(folder);
    }

    /** Offers the events from all threads, and returns how many processes of ours were ever seen at once. */
    private static long mostProcesses(ExecScripts plugin, int events) throws Exception {
        AtomicInteger left = new AtomicInteger(events);
        List<CompletableFuture<Void>> threads = IntStream.range(0, THREADS)
                .mapToObj(i -> CompletableFuture.runAsync(
                        () -> {
                            try {
                                while (left.getAndDecrement() > 0) {
                                    plugin.onSessionUp(up("u"));
                                }
                            } catch (Exception e) {
                                throw new IllegalStateException(e);
                            }
                        },
                        task -> new Thread(task).start()))
                .toList();
        AtomicBoolean done = new AtomicBoolean();
        CompletableFuture<Long> most = CompletableFuture.supplyAsync(
                () -> {
                    long seen = 0;
                    while (!done.get()) {
                        seen = Math.max(seen, ProcessHandle.current().children().count());
                        LockSupport.parkNanos(500_000); // leave the CPU to the scripts
                    }
                    return seen;
                },
                task -> new Thread(task).start());
        CompletableFuture.allOf(threads.toArray(CompletableFuture[]::new)).get(200, TimeUnit.SECONDS);
        done.set(true);
        return most.get();
    }

    /** How many were between their first and their last word at once, at most. */
    private static int mostAtOnce(List<String> words) {
        int now = 0;
        int most = 0;
        for (String word : words) {
            now += word.equals("begin") ? 1 : -1;
            most = Math.max(most, now);
        }
        return most;
    }

    @Test
    void thousandEventsFromSixteenThreadsNeverRunMoreThanMaxProcesses() throws Exception {
        String script = scripts.script("/bin/sh", "up", "echo begin >>$OUT/log; sleep 0.01; echo end >>$OUT/log");
        ExecScripts plugin =
                scripts.plugin(Map.of("session.up", script, "max_processes", Integer.toString(MAX_PROCESSES)));
        long mostProcesses = mostProcesses(plugin, EVENTS);
        List<String> words = Files.readAllLines(scripts.file("log"));
        assertThat(words).hasSize(2 * EVENTS);
        assertThat(mostAtOnce(words)).as("by the scripts' own count").isBetween(2, MAX_PROCESSES);
        assertThat(mostProcesses).as("by the kernel's").isBetween(2L, (long) MAX_PROCESSES);
        assertThat(scripts.count("session_up_runs")).isEqualTo(EVENTS);
        assertThat(scripts.count("session_up_not_run")).isZero();
        assertThat(scripts.context().metrics().gauge("scripts_running")).isZero();
    }

    @Test
    void floodFromManyScriptsIsBoundedInTheLog() throws Exception {
        String script = scripts.script("/bin/sh", "up", "yes 'a line' | head -n 100000");
        ExecScripts plugin = scripts.plugin(Map.of("session.up", script));
        long startNanos = System.nanoTime();
        mostProcesses(plugin, 32);
        long windows = 1 + (System.nanoTime() - startNanos) / TimeUnit.SECONDS.toNanos(OutputBudget.WINDOW_SECONDS);
        ScriptFixture.waitUntil(
                "all read or left out",
                () -> scripts.logger().lines().size() + scripts.count("output_lines_left_out") >= 32L * 100);
        assertThat(scripts.logger().lines())
                .hasSizeLessThanOrEqualTo((int) (windows + 1) * (OutputBudget.MAX_LINES + 1));
        assertThat(scripts.count("output_lines_left_out")).isPositive();
    }
}
