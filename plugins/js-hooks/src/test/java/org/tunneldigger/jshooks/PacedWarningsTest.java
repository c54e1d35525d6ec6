// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.jshooks;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tunneldigger.testing.RecordingLogger;
import org.tunneldigger.testing.SampleSessions;

/** Strangers do not decide how long the log gets. */
class PacedWarningsTest {
    @TempDir
    private Path folder = Path.of("set by JUnit");

    @Test
    void oneLineInTenSecondsWithTheCountOfTheOthers() {
        AtomicLong nowNanos = new AtomicLong(-7);
        RecordingLogger logger = new RecordingLogger();
        PacedWarnings warnings = new PacedWarnings(logger, nowNanos::get);
        warnings.warn("a");
        warnings.warn("b");
        nowNanos.addAndGet(Duration.ofSeconds(10).toNanos() - 1);
        warnings.warn("c");
        assertThat(logger.lines()).containsExactly("WARN a");
        nowNanos.addAndGet(1);
        warnings.warn("d");
        assertThat(logger.lines()).containsExactly("WARN a", "WARN d (and 2 not logged before)");
    }

    @Test
    void scriptsThatFailForEveryRequestGetOneLine() throws Exception {
        try (JsFixture js = new JsFixture(folder)
                .script(
                        "a.js",
                        "on('session.profile', e => { throw new Error('p') })",
                        "on('session.authorize', e => { throw new Error('q') })")
                .script("b.js", "on('session.authorize', e => 'no')")) {
            js.start();
            for (int i = 0; i < 20; i++) {
                js.plugin.profile(SampleSessions.request("u"));
                js.authorize("u");
            }
            assertThat(js.log()).filteredOn(line -> line.startsWith("WARN")).hasSize(2);
        }
    }
}
