// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.execscripts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.tunneldigger.execscripts.ScriptFixture.up;
import static org.tunneldigger.execscripts.ScriptFixture.waitUntil;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tunneldigger.api.event.EndReason;
import org.tunneldigger.api.event.SessionDown;
import org.tunneldigger.api.hook.HookFailedException;
import org.tunneldigger.api.hook.HookFailedException.Severity;

/** A hook whose value is a directory. */
@Timeout(60)
class ScriptDirectoryTest {
    private static final String NOTE = "echo \"${0##*/} $3 $TUNNELDIGGER_MTU\" >> $OUT/ran";

    @TempDir
    private Path folder = Path.of("set by JUnit");

    private ScriptFixture scripts = new ScriptFixture(folder);

    @BeforeEach
    void useFolder() throws Exception {
        scripts = new ScriptFixture(folder);
        Files.createDirectory(scripts.file("up.d"));
    }

    private ExecScripts plugin(String... more) {
        String directory = scripts.file("up.d").toString();
        return scripts.plugin(
                more.length == 0 ? Map.of("session.up", directory) : Map.of("session.up", directory, more[0], more[1]));
    }

    @Test
    void executableFilesWithPlainNamesRunInByteOrder() throws Exception {
        for (String name : new String[] {"b", "a_1", "Z", "10-x", "9", "up.sh", "x~", "x.dpkg-old", ".hidden"}) {
            scripts.script("up.d/" + name, NOTE);
        }
        Files.writeString(scripts.file("up.d/README"), "not executable");
        Files.createDirectory(scripts.file("up.d/folder"));
        Files.createSymbolicLink(
                scripts.file("up.d/link"), Path.of(scripts.script("elsewhere", "echo elsewhere >> $OUT/ran")));
        Files.createSymbolicLink(scripts.file("up.d/broken"), Path.of("nowhere"));
        ExecScripts plugin = plugin();
        assertThat(scripts.logger().lines())
                .hasSize(4)
                .contains("WARN session.up: " + scripts.file("up.d/up.sh")
                        + " is left out: its name has other characters than letters, digits, _ and -");
        plugin.onSessionUp(up("u"));
        String told = " l2tp100-100 1446";
        assertThat(Files.readAllLines(scripts.file("ran")))
                .containsExactly("10-x" + told, "9" + told, "Z" + told, "a_1" + told, "b" + told, "elsewhere");
        assertThat(scripts.count("session_up_10_x_runs")).isEqualTo(1);
    }

    @Test
    void whatIsPutThereLaterRunsToo() throws Exception {
        ExecScripts plugin = plugin();
        assertThat(scripts.logger().lines())
                .containsExactly("WARN session.up: there is no script in " + folder + "/up.d");
        plugin.onSessionUp(up("u"));
        scripts.script("up.d/late", NOTE);
        plugin.onSessionUp(up("u"));
        assertThat(scripts.file("ran")).content().hasLineCount(1);
        Files.delete(scripts.file("up.d/late"));
        Files.delete(scripts.file("up.d"));
        assertThatExceptionOfType(HookFailedException.class).isThrownBy(() -> plugin.onSessionUp(up("u")));
    }

    @Test
    void oneThatFailsDoesNotStopTheNextAndTheHookCountsAsFailed() throws Exception {
        scripts.script("up.d/10-bad", NOTE + "; echo oh >&2; exit 3");
        scripts.script("up.d/20-good", NOTE);
        ExecScripts plugin = plugin();
        assertThatExceptionOfType(HookFailedException.class)
                .isThrownBy(() -> plugin.onSessionUp(up("u")))
                .withMessage(scripts.file("up.d/10-bad") + " exited with status 3");
        assertThat(scripts.file("ran")).content().hasLineCount(2);
        assertThat(scripts.logger().lines()).containsExactly("INFO up.d/10-bad for l2tp100-100: oh");
        scripts.script("up.d/30-bad", "exit 4");
        assertThatExceptionOfType(HookFailedException.class)
                .isThrownBy(() -> plugin.onSessionUp(up("u")))
                .withMessage("2 of 3 scripts in " + folder + "/up.d failed: " + folder
                        + "/up.d/10-bad exited with status 3; " + folder + "/up.d/30-bad exited with status 4")
                .matches(e -> e.severity() == Severity.WARNING);
        assertThat(scripts.count("session_up_10_bad_failures")).isEqualTo(2);
        assertThat(scripts.count("session_up_20_good_runs")).isEqualTo(2);
        assertThat(scripts.count("session_up_20_good_failures")).isZero();
        assertThat(scripts.count("session_up_30_bad_failures")).isEqualTo(1);
    }

    @Test
    void failuresOfSessionDownAreNoAlarmHereEither() throws Exception {
        scripts.script("up.d/a", "exit 1");
        scripts.script("up.d/b", "exit 1");
        ExecScripts plugin =
                scripts.plugin(Map.of("session.down", scripts.file("up.d").toString()));
        assertThatExceptionOfType(HookFailedException.class)
                .isThrownBy(() -> plugin.onSessionDown(new SessionDown(
                        ScriptFixture.session("192.0.2.7", "u"), 1446, EndReason.TIMEOUT, Instant.EPOCH)))
                .matches(e -> e.severity() == Severity.NOTICE);
    }

    @Test
    void eachHasItsOwnTime() throws Exception {
        scripts.script("up.d/10-slow", NOTE + "; exec sleep 300");
        scripts.script("up.d/20-next", NOTE);
        ExecScripts plugin = plugin("timeout", "1.5");
        assertThatExceptionOfType(TimeoutException.class)
                .isThrownBy(() -> plugin.onSessionUp(up("u")))
                .withMessage(scripts.file("up.d/10-slow") + " took more than 1500 ms, killed");
        assertThat(scripts.file("ran")).content().hasLineCount(2);
        assertThat(scripts.count("session_up_10_slow_timeouts")).isEqualTo(1);
    }

    @Test
    void whenTheBrokerCutsTheHookOffNoFurtherOneBegins() throws Exception {
        scripts.script("up.d/05-bad", "exit 1");
        scripts.script("up.d/10-slow", NOTE + "; exec sleep 300");
        scripts.script("up.d/20-next", NOTE);
        ExecScripts plugin = plugin();
        CompletableFuture<Throwable> thrown = new CompletableFuture<>();
        Thread hook = new Thread(() -> {
            try {
                plugin.onSessionUp(up("u"));
            } catch (Throwable t) {
                thrown.complete(t);
            }
        });
        hook.start();
        waitUntil("slow one runs", () -> Files.exists(scripts.file("ran")));
        hook.interrupt();
        assertThat(thrown.get(20, TimeUnit.SECONDS))
                .hasToString("2 of 3 scripts in " + folder + "/up.d failed: " + folder
                        + "/up.d/05-bad exited with status 1; " + folder
                        + "/up.d/10-slow took too long, killed; 1 more not run");
        assertThat(scripts.file("ran")).content().hasLineCount(1);
        assertThat(scripts.count("session_up_20_next_runs")).isZero();
    }
}
