// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.execscripts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.tunneldigger.execscripts.ScriptFixture.up;
import static org.tunneldigger.execscripts.ScriptFixture.waitUntil;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Time, processes and output of scripts. */
@Timeout(60)
class ScriptRunTest {
    /** A script's family: itself, a child, a grandchild that lost its parent; all deaf to polite signals. */
    private static final String FAMILY = """
            trap '' TERM INT HUP
            echo $$ >> $OUT/pids
            sleep 300 & echo $! >> $OUT/pids
            ( ( trap '' TERM INT HUP; echo $BASHPID >> $OUT/pids; while :; do sleep 300; done ) & )
            touch $OUT/ready
            while :; do sleep 300; done""";

    @TempDir
    private Path folder = Path.of("set by JUnit");

    private ScriptFixture scripts = new ScriptFixture(folder);

    @BeforeEach
    void useFolder() {
        scripts = new ScriptFixture(folder);
    }

    @AfterEach
    void killLeftovers() throws IOException {
        if (Files.exists(scripts.file("pids"))) {
            scripts.living("pids").forEach(ProcessHandle::destroyForcibly);
        }
    }

    private void waitForFamily() throws InterruptedException {
        waitUntil("family", () -> {
            try {
                return Files.exists(scripts.file("ready"))
                        && Files.readAllLines(scripts.file("pids")).size() == 3;
            } catch (IOException e) {
                return false;
            }
        });
    }

    private void waitUntilFamilyIsGone() throws InterruptedException {
        waitUntil("all killed", () -> {
            try {
                return scripts.living("pids").isEmpty();
            } catch (IOException e) {
                return false;
            }
        });
    }

    @Test
    void atItsTimeoutAScriptIsKilledWithAllThatItStarted() throws Exception {
        ExecScripts plugin = scripts.plugin(Map.of("session.up", scripts.script("up", FAMILY), "timeout", "1.5"));
        assertThatExceptionOfType(TimeoutException.class)
                .isThrownBy(() -> plugin.onSessionUp(up("u")))
                .matches(e -> e.toString().equals(scripts.file("up") + " took more than 1500 ms, killed"));
        assertThat(Files.readAllLines(scripts.file("pids"))).hasSize(3);
        waitUntilFamilyIsGone();
        assertThat(scripts.count("session_up_timeouts")).isEqualTo(1);
        assertThat(scripts.count("session_up_killed")).isZero();
    }

    @Test
    void chainOfQuickForksDoesNotSlipThrough() throws Exception {
        // Each link lives too short a time to be found by its number.
        String chain = "echo $$ > $OUT/leader\n"
                + "perl -e '$e = time + 60; while (time < $e) { fork and exit }' &\n"
                + "while :; do sleep 300; done";
        ExecScripts plugin = scripts.plugin(Map.of("session.up", scripts.script("up", chain), "timeout", "0.5"));
        assertThatExceptionOfType(TimeoutException.class)
                .isThrownBy(() -> plugin.onSessionUp(up("u")))
                .matches(e -> e.toString().equals(scripts.file("up") + " took more than 500 ms, killed"));
        String leader = Files.readString(scripts.file("leader")).strip();
        try {
            waitUntil("none has this group", () -> !signalGroup("0", leader));
        } finally {
            signalGroup("KILL", leader);
        }
    }

    /** Returns whether there is such a group. */
    private static boolean signalGroup(String signal, String group) {
        try {
            return new ProcessBuilder("/bin/sh", "-c", "kill -s " + signal + " -- -" + group)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void whenInterruptedAScriptIsKilledWithAllThatItStarted() throws Exception {
        ExecScripts plugin = scripts.plugin(Map.of("session.up", scripts.script("up", FAMILY)));
        CompletableFuture<Throwable> thrown = new CompletableFuture<>();
        Thread hook = new Thread(() -> {
            try {
                plugin.onSessionUp(up("u"));
            } catch (Throwable t) {
                thrown.complete(t);
            }
        });
        hook.start();
        waitForFamily();
        assertThat(scripts.living("pids")).hasSize(3);
        hook.interrupt();
        assertThat(thrown.get(20, TimeUnit.SECONDS))
                .as("as the broker logs it behind 'missed its deadline'")
                .hasToString(scripts.file("up") + " took too long, killed");
        waitUntilFamilyIsGone();
    }

    @Test
    void backgroundProcessThatHoldsTheOutputHoldsUpNothing() throws Exception {
        ExecScripts plugin = scripts.plugin(Map.of(
                "session.up", scripts.script("up", "sleep 300 & echo $! > $OUT/pids; echo started; exit $(($8))")));
        plugin.onSessionUp(up("0"));
        waitUntil("output", () -> scripts.logger().lines().contains("INFO up for l2tp100-100: started"));
        waitUntil("reader ended", () -> readers() == 0);
        assertThat(scripts.living("pids")).as("it may live on").hasSize(1);
        killLeftovers();
    }

    @Test
    void scriptThatPrintsForEverCostsBoundedMemoryAndLog() throws Exception {
        ExecScripts plugin =
                scripts.plugin(Map.of("session.up", scripts.script("up", "exec yes abcdefghij"), "timeout", "1"));
        assertThatExceptionOfType(TimeoutException.class).isThrownBy(() -> plugin.onSessionUp(up("u")));
        waitUntil("reader ended", () -> readers() == 0);
        assertThat(scripts.logger().lines()).hasSize(101);
        assertThat(scripts.logger().lines().get(100)).contains("more bytes of output not logged");
    }

    @Test
    void oneThatLeavesAFloodBehindEndsToo() throws Exception {
        ExecScripts plugin =
                scripts.plugin(Map.of("session.up", scripts.script("up", "yes abcdefghij & echo $! > $OUT/pids")));
        plugin.onSessionUp(up("u"));
        waitUntil("reader ended", () -> readers() == 0);
        waitUntilFamilyIsGone();
        assertThat(scripts.logger().lines()).hasSizeLessThan(102);
    }

    @Test
    void outputIsLoggedLineByLineWithoutControlCharacters() throws Exception {
        ExecScripts plugin = scripts.plugin(Map.of(
                "session.up",
                scripts.script(
                        "up",
                        "printf 'one\\n\\033[31mtwo\\r\\n'; head -c 700 /dev/zero | tr '\\0' x; echo; printf last")));
        plugin.onSessionUp(up("u"));
        waitUntil("reader ended", () -> readers() == 0);
        assertThat(scripts.logger().lines())
                .containsExactly(
                        "INFO up for l2tp100-100: one",
                        "INFO up for l2tp100-100:  [31mtwo",
                        "INFO up for l2tp100-100: " + "x".repeat(500),
                        "INFO up for l2tp100-100: " + "x".repeat(200),
                        "INFO up for l2tp100-100: last");
    }

    @Test
    void noMoreThanMaxProcessesRunAtATime() throws Exception {
        ExecScripts plugin = scripts.plugin(Map.of(
                "session.up",
                scripts.script(
                        "up",
                        "mkdir $OUT/run.$$; ls -d $OUT/run.* | wc -l >> $OUT/counts; sleep 0.05; rmdir $OUT/run.$$"),
                "max_processes",
                "3"));
        List<CompletableFuture<Void>> runs = Stream.generate(() -> CompletableFuture.runAsync(
                        () -> {
                            try {
                                plugin.onSessionUp(up("u"));
                            } catch (Exception e) {
                                throw new IllegalStateException(e);
                            }
                        },
                        task -> new Thread(task).start()))
                .limit(20)
                .toList();
        for (Future<Void> run : runs) {
            run.get(30, TimeUnit.SECONDS);
        }
        assertThat(Files.readAllLines(scripts.file("counts")))
                .hasSize(20)
                .allSatisfy(count -> assertThat(Integer.parseInt(count.strip())).isLessThanOrEqualTo(3));
    }

    @Test
    void waitingForATurnCountsAsTime() throws Exception {
        ExecScripts plugin = scripts.plugin(
                Map.of("session.up", scripts.script("up", FAMILY), "max_processes", "1", "timeout", "1.5"));
        CompletableFuture<Void> first = CompletableFuture.runAsync(
                () -> {
                    try {
                        plugin.onSessionUp(up("u"));
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                },
                task -> new Thread(task).start());
        waitForFamily();
        assertThatExceptionOfType(TimeoutException.class).isThrownBy(() -> plugin.onSessionUp(up("u")));
        assertThatExceptionOfType(ExecutionException.class).isThrownBy(() -> first.get(20, TimeUnit.SECONDS));
        waitUntilFamilyIsGone();
    }

    @Test
    void runsLeaveNoFileOpen() throws Exception {
        ExecScripts plugin = scripts.plugin(Map.of("session.up", scripts.script("up", "echo hello")));
        plugin.onSessionUp(up("u"));
        waitUntil("reader ended", () -> readers() == 0);
        long before = openFiles();
        for (int i = 0; i < 30; i++) {
            plugin.onSessionUp(up("u"));
        }
        waitUntil("readers ended", () -> readers() == 0);
        waitUntil("files closed", () -> openFiles() <= before + 2);
        assertThat(scripts.logger().lines()).hasSize(31);
    }

    private static long openFiles() {
        try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
            return files.count();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** How many threads are reading a script's output now. */
    private static long readers() {
        return Thread.getAllStackTraces().entrySet().stream()
                .filter(entry -> entry.getKey().getName().equals("script-output"))
                .filter(entry -> Stream.of(entry.getValue())
                        .anyMatch(frame -> frame.getClassName().equals(ScriptOutput.class.getName())))
                .count();
    }
}
