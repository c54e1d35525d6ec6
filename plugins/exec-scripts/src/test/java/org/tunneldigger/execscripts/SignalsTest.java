// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.execscripts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.tunneldigger.execscripts.ScriptFixture.up;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Signals reach scripts as they reach a program that a shell starts. */
class SignalsTest {
    /** The C library's own, which no program can set. */
    private static final long INTERNAL_SIGNALS = (1L << (32 - 1)) | (1L << (33 - 1));

    @TempDir
    private Path folder = Path.of("set by JUnit");

    @Test
    void noneIsBlockedOrIgnored() throws Exception {
        Process env = new ProcessBuilder("env", "--default-signal", "true").start();
        assumeTrue(env.waitFor() == 0, "env of coreutils 8.31 or newer is needed");
        ScriptFixture scripts = new ScriptFixture(folder);
        // Not bash's own status: it always ignores SIGQUIT, and gives its children back what it found.
        scripts.plugin(Map.of("session.up", scripts.script("up", "grep '^Sig' /proc/self/status > $OUT/masks")))
                .onSessionUp(up("u"));
        assertThat(Files.readAllLines(scripts.file("masks")))
                .anyMatch(line -> line.startsWith("SigBlk:"))
                .anyMatch(line -> line.startsWith("SigIgn:"))
                .filteredOn(line -> line.startsWith("SigBlk:") || line.startsWith("SigIgn:"))
                .allSatisfy(line -> assertThat(Long.parseLong(line.split("\\s+", 2)[1], 16) & ~INTERNAL_SIGNALS)
                        .as(line)
                        .isZero());
    }
}
