// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** A broker, started by {@code scripts/broker} in the lab's broker namespace. */
public final class BrokerProcess {
    private static final Duration READY_LIMIT = Duration.ofSeconds(30);

    private static final Duration LINE_LIMIT = Duration.ofSeconds(5);

    private final Lab lab;
    private final LabProcess process;

    private BrokerProcess(Lab lab, LabProcess process) {
        this.lab = lab;
        this.process = process;
    }

    static BrokerProcess start(Lab lab, BrokerSettings settings) {
        try {
            Path file = Files.createTempFile(lab.file("."), "broker", ".cfg");
            Files.writeString(file, settings.text());
            Path log = Files.createTempFile(lab.file("."), "broker", ".log");
            String command = lab.checkout().resolve("scripts/broker").toString();
            return new BrokerProcess(
                    lab, lab.process(LabProcess.start("broker", lab.broker(), log, command, file.toString())));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    BrokerProcess awaitReady() {
        // What a JVM hangs on, it says when asked by SIGQUIT.
        var await = new Await(() -> {
            process.signal("QUIT");
            process.awaitExit(Duration.ofSeconds(2));
            return process.whereabouts() + lab.evidence();
        });
        await.until(READY_LIMIT, "the broker says that it is ready", () -> {
            if (!process.isAlive()) {
                throw new AssertionError("the broker ended before it was ready\n" + lab.evidence());
            }
            return log().contains("ready: ");
        });
        return this;
    }

    public LabProcess process() {
        return process;
    }

    public String log() {
        return process.output();
    }

    /**
     * When the broker wrote the first line of its log that matches, by its own stamp. A line may come a little after what it tells
     * of has been seen.
     *
     * @throws AssertionError if there is none, nor comes one
     */
    public Instant logged(String regex) {
        Predicate<String> matches = Pattern.compile(regex).asPredicate();
        String first = lab.await()
                .value(
                        LINE_LIMIT,
                        "a line like " + regex + " in the broker's log",
                        () -> log().lines().filter(matches).findFirst());
        return Instant.parse(first.substring(0, first.indexOf(' ')));
    }
}
