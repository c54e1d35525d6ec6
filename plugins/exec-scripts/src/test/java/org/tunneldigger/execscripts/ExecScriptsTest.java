// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.execscripts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.tunneldigger.execscripts.ScriptFixture.session;
import static org.tunneldigger.execscripts.ScriptFixture.up;

import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tunneldigger.api.ConfigurationException;
import org.tunneldigger.api.event.ConnectionRateLimited;
import org.tunneldigger.api.event.EndReason;
import org.tunneldigger.api.event.SessionDown;
import org.tunneldigger.api.event.SessionMtuChanged;
import org.tunneldigger.api.event.SessionPreDown;
import org.tunneldigger.api.event.SessionUp;
import org.tunneldigger.api.hook.HookFailedException;
import org.tunneldigger.api.hook.HookFailedException.Severity;

/** What scripts get and how their failures are told. */
class ExecScriptsTest {
    private static final String SAVE = "printf '%s\\0' \"$@\" > $OUT/$(basename $0).args";

    @TempDir
    private Path folder = Path.of("set by JUnit");

    private ScriptFixture scripts = new ScriptFixture(folder);

    @BeforeEach
    void useFolder() {
        scripts = new ScriptFixture(folder);
    }

    @Test
    void argumentsAreThoseOfTheReferenceInItsOrder() throws Exception {
        ExecScripts plugin = scripts.plugin(Map.of(
                "session.up", scripts.script("up", SAVE),
                "session.pre-down", scripts.script("pre-down", SAVE),
                "session.down", scripts.script("down", SAVE),
                "session.mtu-changed", scripts.script("mtu", SAVE),
                "broker.connection-rate-limit", scripts.script("limit", SAVE)));
        List<String> ofSession =
                List.of("100", "4294967295", "l2tp100-100", "1446", "192.0.2.7", "40001", "8942", "a uuid", "8942");
        plugin.onSessionUp(up("a uuid"));
        assertThat(scripts.arguments("up.args")).isEqualTo(ofSession);
        plugin.onSessionPreDown(
                new SessionPreDown(session("192.0.2.7", "a uuid"), 1446, EndReason.TIMEOUT, Instant.EPOCH));
        assertThat(scripts.arguments("pre-down.args")).isEqualTo(ofSession);
        plugin.onSessionDown(new SessionDown(session("192.0.2.7", "a uuid"), 1446, EndReason.TIMEOUT, Instant.EPOCH));
        assertThat(scripts.arguments("down.args")).isEqualTo(ofSession);
        plugin.onMtuChanged(new SessionMtuChanged(session("192.0.2.7", "a uuid"), 1446, 1280, Instant.EPOCH));
        assertThat(scripts.arguments("mtu.args"))
                .containsExactly("100", "4294967295", "l2tp100-100", "1446", "1280", "a uuid");
        plugin.onConnectionRateLimited(new ConnectionRateLimited(
                new InetSocketAddress("2001:db8:0:0:0:0:0:7", 40001),
                new InetSocketAddress("192.0.2.1", 8942),
                "a uuid",
                Instant.EPOCH));
        assertThat(scripts.arguments("limit.args")).containsExactly("2001:db8::7", "40001", "a uuid");
        plugin.onSessionUp(new SessionUp(session("fe80::1", ""), 1446, Instant.EPOCH));
        assertThat(scripts.arguments("up.args")).contains("fe80::1", "");
        plugin.close();
        assertThat(scripts.logger().lines()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-rf",
                "--help",
                "two words",
                " edges ",
                "'single' \"double\" `back`",
                "$(touch $OUT/pwned); touch $OUT/pwned & | > <",
                "line\nfeed\r\ttab",
                "*?[a]~{b,c}\\",
                "\u0001\u001b[31m"
            })
    void uuidIsOneArgumentAsItIs(String uuid) throws Exception {
        ExecScripts plugin = scripts.plugin(Map.of("session.up", scripts.script("up", SAVE)));
        plugin.onSessionUp(up(uuid));
        assertThat(scripts.arguments("up.args")).hasSize(9).element(7).isEqualTo(uuid);
        assertThat(scripts.file("pwned")).doesNotExist();
    }

    @Test
    void uuidWithNulIsRefused() throws Exception {
        ExecScripts plugin = scripts.plugin(Map.of("session.up", scripts.script("up", SAVE)));
        assertThatExceptionOfType(HookFailedException.class)
                .isThrownBy(() -> plugin.onSessionUp(up("a\0b")))
                .withMessageContaining("NUL");
        assertThat(scripts.file("up.args")).doesNotExist();
    }

    @Test
    void scriptInheritsDirectoryAndEnvironmentAndHasNoInput() throws Exception {
        ExecScripts plugin = scripts.plugin(Map.of(
                "session.up", scripts.script("up", "pwd > $OUT/pwd; env -0 > $OUT/env; cat > $OUT/input; id -u")));
        plugin.onSessionUp(up("u"));
        assertThat(scripts.file("pwd")).hasContent(Path.of("").toAbsolutePath().toString());
        assertThat(scripts.file("input")).isEmptyFile();
        List<String> environment = scripts.arguments("env");
        System.getenv().forEach((name, value) -> {
            if (!List.of("_", "SHLVL", "OLDPWD", "PWD", "LC_ALL", "TUNNELDIGGER_LC_ALL")
                    .contains(name)) {
                assertThat(environment).contains(name + "=" + value);
            }
        });
    }

    @Test
    void statusOtherThanZeroFailsTheHookLoudlyButForSessionDown() throws Exception {
        String failing = scripts.script("failing", "echo cannot do that >&2; exit 3");
        ExecScripts plugin = scripts.plugin(Map.of("session.up", failing, "session.down", failing));
        assertThatExceptionOfType(HookFailedException.class)
                .isThrownBy(() -> plugin.onSessionUp(up("u")))
                .withMessage(failing + " exited with status 3")
                .matches(e -> e.severity() == Severity.WARNING);
        assertThat(scripts.logger().lines()).containsExactly("INFO failing for l2tp100-100: cannot do that");
        assertThatExceptionOfType(HookFailedException.class)
                .isThrownBy(() -> plugin.onSessionDown(
                        new SessionDown(session("192.0.2.7", "u"), 1446, EndReason.TIMEOUT, Instant.EPOCH)))
                .matches(e -> e.severity() == Severity.NOTICE);
        assertThat(scripts.count("session_down_runs")).isEqualTo(1);
        assertThat(scripts.count("session_down_failures")).isEqualTo(1);
    }

    @Test
    void whatBecomesOfRunsIsCountedByScript() throws Exception {
        ExecScripts plugin = scripts.plugin(
                Map.of("session.up", scripts.script("up", "case $8 in killed) kill -KILL $$;; *) exit $8;; esac")));
        plugin.onSessionUp(up("0"));
        for (String uuid : List.of("1", "128", "143", "killed", "a\0b")) {
            assertThatExceptionOfType(HookFailedException.class).isThrownBy(() -> plugin.onSessionUp(up(uuid)));
        }
        assertThat(scripts.count("session_up_runs")).isEqualTo(5);
        assertThat(scripts.count("session_up_failures")).isEqualTo(2);
        assertThat(scripts.count("session_up_killed")).isEqualTo(2);
        assertThat(scripts.count("session_up_not_run")).isEqualTo(1);
        assertThat(scripts.count("session_up_timeouts")).isZero();
        assertThat(scripts.context().metrics().gauge("scripts_running")).isZero();
    }

    @Test
    void scriptThatCannotBeRunIsOneWarningAtStartAndAFailureAtEachRun() throws Exception {
        Path plain = Files.writeString(scripts.file("plain"), "#!/bin/sh\n");
        String wrong = scripts.script("wrong", "");
        Files.writeString(Path.of(wrong), "#!/no/such/interpreter\n");
        ExecScripts plugin = scripts.plugin(Map.of(
                "session.up",
                scripts.file("nowhere").toString(),
                "session.down",
                plain.toString(),
                "session.pre-down",
                wrong,
                "session.mtu-changed",
                "  "));
        assertThat(scripts.logger().lines())
                .containsExactlyInAnyOrder(
                        "WARN session.up: there is no " + scripts.file("nowhere"),
                        "WARN session.down: " + plain + " is not executable (chmod +x)");
        for (int i = 0; i < 2; i++) {
            assertThatExceptionOfType(HookFailedException.class)
                    .isThrownBy(() -> plugin.onSessionUp(up("u")))
                    .matches(e -> e.severity() == Severity.NOTICE);
        }
        assertThatExceptionOfType(HookFailedException.class)
                .isThrownBy(() -> plugin.onSessionPreDown(
                        new SessionPreDown(session("192.0.2.7", "u"), 1446, EndReason.TIMEOUT, Instant.EPOCH)));
        plugin.onMtuChanged(new SessionMtuChanged(session("192.0.2.7", "u"), 1446, 1280, Instant.EPOCH));
    }

    @Test
    void wrongValuesAreToldTogetherAndUnknownKeysAreNot() {
        assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(
                        () -> scripts.plugin(Map.of("timeout", "soon", "max_processes", "0", "session.up", "relative")))
                .withMessageContainingAll("timeout: 'soon'", "max_processes: '0'", "session.up: 'relative'");
        scripts.plugin(Map.of("sesion.up", "/bin/true", "session.down", "/bin/true"));
        assertThat(scripts.context().configuration().warnings())
                .containsExactly("[plugin.exec-scripts] sesion.up: unknown key, ignored");
        assertThat(scripts.logger().lines()).isEmpty();
    }
}
