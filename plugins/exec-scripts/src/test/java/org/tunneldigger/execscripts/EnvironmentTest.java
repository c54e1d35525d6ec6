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
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tunneldigger.api.event.ConnectionRateLimited;
import org.tunneldigger.api.event.EndReason;
import org.tunneldigger.api.event.SessionDown;
import org.tunneldigger.api.event.SessionInfo;
import org.tunneldigger.api.event.SessionMtuChanged;
import org.tunneldigger.api.event.SessionPreDown;
import org.tunneldigger.api.event.SessionProfile;
import org.tunneldigger.api.event.SessionUp;
import org.tunneldigger.api.hook.HookFailedException;

/** The environment variables that scripts get. */
class EnvironmentTest {
    private static final Instant AT = Instant.parse("2024-05-06T07:08:09.123456Z");
    private static final String SAVE = "env -0 > $OUT/env";
    private static final Map<String, String> OF_SESSION = Map.ofEntries(
            Map.entry("TUNNELDIGGER_AT", "2024-05-06T07:08:09.123Z"),
            Map.entry("TUNNELDIGGER_AT_EPOCH", "1714979289"),
            Map.entry("TUNNELDIGGER_TUNNEL_ID", "100"),
            Map.entry("TUNNELDIGGER_SESSION_ID", "4294967295"),
            Map.entry("TUNNELDIGGER_INTERFACE", "l2tp100-100"),
            Map.entry("TUNNELDIGGER_ENDPOINT_IP", "2001:db8::7"),
            Map.entry("TUNNELDIGGER_ENDPOINT_PORT", "40001"),
            Map.entry("TUNNELDIGGER_LOCAL_IP", "192.0.2.1"),
            Map.entry("TUNNELDIGGER_LOCAL_PORT", "8942"),
            Map.entry("TUNNELDIGGER_UUID", "a 'uuid'\nof two lines"),
            Map.entry("TUNNELDIGGER_DATAPATH", "kernel"),
            Map.entry("TUNNELDIGGER_FEATURES", "unique-session-id"),
            Map.entry("TUNNELDIGGER_SINCE", "1970-01-01T00:00:00Z"),
            Map.entry("TUNNELDIGGER_SINCE_EPOCH", "0"));

    @TempDir
    private Path folder = Path.of("set by JUnit");

    private ScriptFixture scripts = new ScriptFixture(folder);

    @BeforeEach
    void useFolder() {
        scripts = new ScriptFixture(folder);
    }

    /** What the last script had been told. */
    private Map<String, String> told() throws Exception {
        Map<String, String> told = new TreeMap<>(scripts.environment("env"));
        told.keySet().removeIf(name -> !EventVariable.tellsOfEvents(name));
        return told;
    }

    private static Map<String, String> ofSession(String... more) {
        Map<String, String> expected = new TreeMap<>(OF_SESSION);
        for (int i = 0; i < more.length; i += 2) {
            expected.put("TUNNELDIGGER_" + more[i], more[i + 1]);
        }
        return expected;
    }

    @Test
    void everyFieldOfEveryEventHasItsVariable() throws Exception {
        String save = scripts.script("save", SAVE);
        ExecScripts plugin = scripts.plugin(Map.of(
                "session.up", save,
                "session.pre-down", save,
                "session.down", save,
                "session.mtu-changed", save,
                "broker.connection-rate-limit", save));
        SessionInfo session = session("2001:db8::7", "a 'uuid'\nof two lines");
        plugin.onSessionUp(new SessionUp(session, 1446, AT));
        assertThat(told()).isEqualTo(ofSession("HOOK", "session.up", "MTU", "1446"));
        plugin.onMtuChanged(new SessionMtuChanged(session, 1446, 1280, AT));
        assertThat(told())
                .isEqualTo(
                        ofSession("HOOK", "session.mtu-changed", "MTU", "1280", "OLD_MTU", "1446", "NEW_MTU", "1280"));
        plugin.onSessionPreDown(new SessionPreDown(session, 1280, EndReason.CLIENT_CLOSED, AT));
        assertThat(told()).isEqualTo(ofSession("HOOK", "session.pre-down", "MTU", "1280", "REASON", "client-closed"));
        plugin.onSessionDown(new SessionDown(session, 1280, EndReason.SHUTDOWN, AT));
        assertThat(told()).isEqualTo(ofSession("HOOK", "session.down", "MTU", "1280", "REASON", "shutdown"));
        plugin.onConnectionRateLimited(
                new ConnectionRateLimited(session.remote(), new InetSocketAddress("192.0.2.1", 53), "-u", AT));
        assertThat(told())
                .isEqualTo(Map.of(
                        "TUNNELDIGGER_HOOK", "broker.connection-rate-limit",
                        "TUNNELDIGGER_AT", "2024-05-06T07:08:09.123Z",
                        "TUNNELDIGGER_AT_EPOCH", "1714979289",
                        "TUNNELDIGGER_ENDPOINT_IP", "2001:db8::7",
                        "TUNNELDIGGER_ENDPOINT_PORT", "40001",
                        "TUNNELDIGGER_LOCAL_IP", "192.0.2.1",
                        "TUNNELDIGGER_LOCAL_PORT", "53",
                        "TUNNELDIGGER_UUID", "-u"));
    }

    @Test
    void profileAndLabelsAreTold() throws Exception {
        ExecScripts plugin = scripts.plugin(Map.of("session.up", scripts.script("up", SAVE)));
        plugin.onSessionUp(up(SessionProfile.none()
                .withMtu(1300)
                .withDownBitsPerSecond(8_000_000)
                .withUpBitsPerSecond(2_000_000)
                .withBridge("br-mesh")
                .withLabel("site", "Köln=1\n2".replace("ö", "oe"))
                .withLabel("Site-Id", "")
                .withLabel("a=b", "first")
                .withLabel("a_b", "second")));
        assertThat(told())
                .containsEntry("TUNNELDIGGER_PROFILE_MTU", "1300")
                .containsEntry("TUNNELDIGGER_PROFILE_DOWN_BITS_PER_SECOND", "8000000")
                .containsEntry("TUNNELDIGGER_PROFILE_UP_BITS_PER_SECOND", "2000000")
                .containsEntry("TUNNELDIGGER_PROFILE_BRIDGE", "br-mesh")
                .containsEntry("TUNNELDIGGER_LABEL_site", "Koeln=1\n2")
                .containsEntry("TUNNELDIGGER_LABEL_Site_Id", "")
                .as("of two labels with one name the first")
                .containsEntry("TUNNELDIGGER_LABEL_a_b", "first");
    }

    @Test
    void labelWithNulIsRefused() throws Exception {
        ExecScripts plugin = scripts.plugin(Map.of("session.up", scripts.script("up", SAVE)));
        assertThatExceptionOfType(HookFailedException.class)
                .isThrownBy(() -> plugin.onSessionUp(up(SessionProfile.none().withLabel("site", "a\0b"))))
                .withMessageContaining("TUNNELDIGGER_LABEL_site contains a NUL");
        assertThat(scripts.file("env")).doesNotExist();
        assertThat(scripts.count("session_up_not_run")).isEqualTo(1);
    }

    @Test
    void whatTheBrokerWasStartedWithIsNotTakenForTheEvents() {
        Map<String, String> environment = new HashMap<>(Map.of(
                "TUNNELDIGGER_OLD_MTU", "1",
                "TUNNELDIGGER_REASON", "leaked",
                "TUNNELDIGGER_LABEL_site", "leaked",
                "TUNNELDIGGER_MTU", "1",
                "TUNNELDIGGER_BRIDGE_PREFIX", "mine",
                "PATH", "/bin"));
        ScriptArguments.fill(environment, Invocation.of(up("u")));
        assertThat(environment)
                .doesNotContainKeys("TUNNELDIGGER_OLD_MTU", "TUNNELDIGGER_REASON", "TUNNELDIGGER_LABEL_site")
                .containsEntry("TUNNELDIGGER_MTU", "1446")
                .as("the operator's settings for scripts")
                .containsEntry("TUNNELDIGGER_BRIDGE_PREFIX", "mine")
                .containsEntry("PATH", "/bin");
    }

    @Test
    void settingsOfTheExampleScriptsHaveOtherNames() throws Exception {
        assertThat(MigrationDocumentTest.exampleSettings()).isNotEmpty().noneMatch(EventVariable::tellsOfEvents);
    }

    @Test
    void everyVariableIsDocumented() throws Exception {
        String documents = Files.readString(Path.of("../../docs/plugins.md"));
        for (EventVariable variable : EventVariable.values()) {
            assertThat(documents).contains("`" + variable.variableName() + "`");
        }
    }
}
