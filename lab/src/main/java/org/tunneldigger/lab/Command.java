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
import java.util.concurrent.TimeUnit;

/** A short command, run to its end. */
public record Command(List<String> words) {

    /** What it came to: its exit status and all that it printed. */
    public record Outcome(int status, String output) {}

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    public Command {
        words = List.copyOf(words);
    }

    public static Command of(String... words) {
        return new Command(List.of(words));
    }

    /** @throws IllegalStateException if it does not end within a minute */
    public Outcome run() {
        return run("");
    }

    /** Runs it with the given text as its input. */
    public Outcome run(String input) {
        try {
            Path output = Files.createTempFile("td-lab", ".out");
            try {
                return run(input, output);
            } finally {
                Files.delete(output);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("running " + this, e);
        }
    }

    private Outcome run(String input, Path output) throws IOException {
        Process process = new ProcessBuilder(words)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .redirectInput(
                        input.isEmpty()
                                ? ProcessBuilder.Redirect.from(new File("/dev/null"))
                                : ProcessBuilder.Redirect.PIPE)
                .start();
        if (!input.isEmpty()) {
            try (var stdin = process.getOutputStream()) {
                stdin.write(input.getBytes(StandardCharsets.UTF_8));
            }
        }
        try {
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                throw new IllegalStateException(this + " did not end within " + PATIENCE.toSeconds() + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted in " + this, e);
        } finally {
            process.destroyForcibly();
        }
        return new Outcome(process.exitValue(), Files.readString(output));
    }

    /**
     * Runs it and returns what it printed.
     *
     * @throws IllegalStateException if its status is not 0
     */
    public String output() {
        return output("");
    }

    /** As {@link #output()}, with the given text as its input. */
    public String output(String input) {
        Outcome outcome = run(input);
        if (outcome.status() != 0) {
            throw new IllegalStateException(this + " ended with status " + outcome.status() + ":\n" + outcome.output());
        }
        return outcome.output();
    }

    @Override
    public String toString() {
        return String.join(" ", words);
    }
}
