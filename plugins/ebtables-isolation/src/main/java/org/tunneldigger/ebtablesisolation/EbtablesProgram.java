// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.ebtablesisolation;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Runs {@code ebtables}, one process at a time: two at once overwrite each other's changes. No shell is involved. */
final class EbtablesProgram {
    private static final long PATIENCE_SECONDS = 5;
    private static final int LONGEST_ERROR = 300;

    private final Optional<Path> configured;
    private List<String> command = List.of(); // guarded by this

    /** @param configured if empty, it is looked for */
    EbtablesProgram(Optional<Path> configured) {
        this.configured = configured;
    }

    /**
     * Finds the program, and whether it waits for others that use it.
     *
     * @throws IOException if there is none or it can't be run
     */
    synchronized void prepare() throws IOException, InterruptedException {
        String program = configured
                .or(EbtablesProgram::find)
                .orElseThrow(() -> new IOException("there is no program ebtables in PATH, /usr/sbin or /sbin"))
                .toString();
        command = List.of(program, "--concurrent");
        if (!tryRun("-L", "FORWARD").isEmpty()) {
            command = List.of(program);
        }
    }

    /** @throws IOException with the program's words if it fails */
    synchronized void run(String... arguments) throws IOException, InterruptedException {
        Optional<String> failure = tryRun(arguments);
        if (failure.isPresent()) {
            throw new IOException("ebtables " + String.join(" ", arguments) + ": " + failure.get());
        }
    }

    /** @return what is wrong; empty after success */
    synchronized Optional<String> tryRun(String... arguments) throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(command);
        words.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(words).redirectOutput(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put("LC_ALL", "C");
        Process process = builder.start();
        try {
            process.getOutputStream().close();
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                return Optional.of("no end after " + PATIENCE_SECONDS + " s");
            }
            if (process.exitValue() == 0) {
                return Optional.empty();
            }
            return Optional.of("exit status " + process.exitValue() + ": " + said(process));
        } finally {
            process.destroyForcibly();
        }
    }

    /** What it wrote waits in the pipe, as it has ended. */
    private static String said(Process process) throws IOException {
        try (InputStream errors = process.getErrorStream()) {
            String text =
                    new String(errors.readNBytes(Math.min(errors.available(), LONGEST_ERROR)), StandardCharsets.UTF_8);
            return text.strip().replaceAll("\\s+", " ");
        }
    }

    private static Optional<Path> find() {
        String path = System.getenv().getOrDefault("PATH", "");
        return Stream.of((path + ":/usr/sbin:/sbin").split(":"))
                .filter(folder -> folder.startsWith("/"))
                .map(folder -> Path.of(folder, "ebtables"))
                .filter(Files::isExecutable)
                .findFirst();
    }
}
