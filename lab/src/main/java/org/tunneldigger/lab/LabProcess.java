// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.lab;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A long-running process inside a namespace, its output kept in a file. */
public final class LabProcess implements AutoCloseable {
    private static final int TAIL_LINES = 80;

    private final String title;
    private final Process process;
    private final Path log;

    private LabProcess(String title, Process process, Path log) {
        this.title = title;
        this.process = process;
        this.log = log;
    }

    /** @param log file that its output and errors are appended to */
    public static LabProcess start(String title, Namespace where, Path log, String... words) {
        var builder = new ProcessBuilder(where.commandLine(List.of(words)))
                .redirectErrorStream(true)
                .redirectInput(new File("/dev/null"))
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        try {
            return new LabProcess(title, builder.start(), log);
        } catch (IOException e) {
            throw new UncheckedIOException("starting " + title, e);
        }
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Sends a signal by its name, such as {@code TERM}. */
    public void signal(String signal) {
        Command.of("kill", "-" + signal, Long.toString(process.pid())).output();
    }

    /** Its exit status once it ended within the limit; 128 + n for a signal n. Empty when it still runs. */
    public OptionalInt awaitExit(Duration limit) {
        try {
            return process.waitFor(limit.toNanos(), TimeUnit.NANOSECONDS)
                    ? OptionalInt.of(process.exitValue())
                    : OptionalInt.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for " + title, e);
        }
    }

    /** How many processes it has started and not yet seen the end of, dead ones included. */
    public int children() {
        return (int) process.children().count();
    }

    /** How many file descriptors it has open. */
    public int openFiles() {
        try (Stream<Path> entries = Files.list(Path.of("/proc", Long.toString(pid()), "fd"))) {
            return (int) entries.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends it at once, as {@code kill -9}. */
    public void kill() {
        process.destroyForcibly();
        awaitExit(Duration.ofSeconds(10));
    }

    /** Everything that it printed so far. */
    public String output() {
        try {
            return Files.exists(log) ? new String(Files.readAllBytes(log), StandardCharsets.UTF_8) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What the kernel says that it does: its command line and its threads' places. */
    String whereabouts() {
        return Command.of(
                        "sh",
                        "-c",
                        "cd /proc/" + pid() + " && tr '\\0' ' ' <cmdline; echo; grep -H . task/*/comm task/*/wchan; "
                                + "grep -H State task/*/status; cat task/*/stack")
                .run()
                .output();
    }

    /** The end of its output below a line that names it. */
    String evidence() {
        List<String> lines = output().lines().toList();
        var tail = lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size());
        String state = process.isAlive() ? "running" : "ended with " + process.exitValue();
        return "--- " + title + " (" + state + ")\n" + String.join("\n", tail) + "\n";
    }

    @Override
    public void close() {
        kill();
    }
}
