// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.bench.profile;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import jdk.jfr.Recording;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FlightSummaryTest {
    private static volatile int sink;

    @TempDir
    Path folder;

    @Test
    void saysWhereTheTimeWent() throws Exception {
        Path file = folder.resolve("flight.jfr");
        try (var recording = new Recording()) {
            recording.enable("jdk.ExecutionSample").withPeriod(Duration.ofMillis(10));
            recording.start();
            Thread busy = new Thread(() -> turn(System.nanoTime() + 2_000_000_000L), "busy-7");
            busy.start();
            busy.join();
            recording.stop();
            recording.dump(file);
        }
        var out = new ByteArrayOutputStream();
        FlightSummary.summarise(file, new PrintStream(out, true, StandardCharsets.UTF_8));
        assertThat(out.toString(StandardCharsets.UTF_8))
                .containsPattern("(?m)^Samples by thread: [1-9]")
                .containsPattern("%  busy-N, in Java\n")
                .containsPattern("%  org\\.tunneldigger\\.bench\\.profile\\.FlightSummaryTest\\.turn\n");
    }

    private static void turn(long endNanos) {
        while (System.nanoTime() < endNanos) {
            for (int i = 0; i < 10_000; i++) {
                sink += i;
            }
        }
    }
}
