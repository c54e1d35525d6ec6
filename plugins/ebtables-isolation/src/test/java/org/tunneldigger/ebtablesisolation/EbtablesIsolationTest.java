// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.ebtablesisolation;

import org.tunneldigger.api.event.SessionProfile;
import org.tunneldigger.api.event.ClientFeature;
import java.util.Set;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.tunneldigger.api.PluginContext;
import org.tunneldigger.api.event.Datapath;
import org.tunneldigger.api.event.SessionInfo;
import org.tunneldigger.api.event.SessionMtuChanged;
import org.tunneldigger.api.event.SessionUp;
import org.tunneldigger.api.net.LinuxNetwork;
import org.tunneldigger.nativeio.NetworkNamespace;
import org.tunneldigger.network.NetlinkNetwork;

/** The plugin against the kernel, in a network namespace named {@code td-eis<process>}, where {@code ip} does the bridging. */
class EbtablesIsolationTest {
    private static final Pattern LEFTOVER = Pattern.compile("(td-eis([0-9]+))(?: .*)?");
    private static final String NAMESPACE = "td-eis" + ProcessHandle.current().pid();

    private final NetlinkNetwork network = new NetlinkNetwork();
    private final RecordingLogger logger = new RecordingLogger();
    private final EbtablesIsolation plugin = new EbtablesIsolation();

    record Context(String id, Map<String, String> configuration, Logger logger, LinuxNetwork network)
            implements PluginContext {}

    @BeforeEach
    void createNamespace() throws Exception {
        for (String line : command("ip", "netns", "list").split("\n")) {
            Matcher matcher = LEFTOVER.matcher(line);
            if (matcher.matches()
                    && ProcessHandle.of(Long.parseLong(matcher.group(2))).isEmpty()) {
                command("ip", "netns", "delete", matcher.group(1));
            }
        }
        command("ip", "netns", "add", NAMESPACE);
        inside("ip", "link", "add", "td-br0", "type", "bridge");
        inside("ip", "link", "add", "td-br1", "type", "bridge");
        inside("ip", "link", "add", "td-a", "type", "veth", "peer", "td-b");
    }

    @AfterEach
    void deleteNamespace() throws Exception {
        network.close();
        command("ip", "netns", "delete", NAMESPACE);
    }

    @Test
    void portIsIsolatedAfterItsScriptsBridgedIt() throws Exception {
        plugin.start(context(Map.of("mode", "port")));
        inside("ip", "link", "set", "td-a", "up", "master", "td-br0");
        assertThat(inside("bridge", "-d", "link")).contains("isolated off");
        up();
        assertThat(inside("bridge", "-d", "link")).contains("master td-br0").contains("isolated on");

        // the kernel forgets it when the port moves
        inside("ip", "link", "set", "td-a", "master", "td-br1");
        assertThat(inside("bridge", "-d", "link")).contains("isolated off");
        NetworkNamespace.named(NAMESPACE).call(() -> {
            plugin.onMtuChanged(new SessionMtuChanged(session(), 1446, 1280, Instant.EPOCH));
            return true;
        });
        assertThat(inside("bridge", "-d", "link")).contains("master td-br1").contains("isolated on");
        assertThat(logger.lines()).noneMatch(line -> line.startsWith("WARN"));
    }

    @Test
    void interfaceInNoBridgeIsLeftAloneAndWarnedAboutOnce() throws Exception {
        plugin.start(context(Map.of()));
        up();
        up();
        assertThat(logger.lines())
                .filteredOn(line -> line.startsWith("WARN"))
                .singleElement(InstanceOfAssertFactories.STRING)
                .contains("td-a");
    }

    @Test
    void otherModesAreRefused() {
        assertThatThrownBy(() -> plugin.start(context(Map.of("mode", "ebtables"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "mode: there is no 'ebtables'; the one that exists is 'port', the bridge-port isolation of the kernel");
    }

    @Test
    void unknownKeysAreWarnedAbout() {
        plugin.start(context(Map.of("mod", "port")));
        assertThat(logger.lines()).containsExactly("WARN [plugin.ebtables-isolation]: unknown key mod, ignored");
    }

    private Context context(Map<String, String> configuration) {
        return new Context("ebtables-isolation", configuration, logger, network);
    }

    private void up() throws Exception {
        NetworkNamespace.named(NAMESPACE).call(() -> {
            plugin.onSessionUp(new SessionUp(session(), 1446, Instant.EPOCH));
            return true;
        });
    }

    private static SessionInfo session() {
        return new SessionInfo(
                100,
                100,
                "td-a",
                new InetSocketAddress("192.0.2.7", 40001),
                new InetSocketAddress("192.0.2.1", 8942),
                "uuid",
                Datapath.KERNEL, Set.of(ClientFeature.UNIQUE_SESSION_ID), SessionProfile.none(),
                Instant.EPOCH);
    }

    private static String inside(String... command) throws Exception {
        List<String> words = new ArrayList<>(List.of("ip", "netns", "exec", NAMESPACE));
        words.addAll(List.of(command));
        return command(words.toArray(String[]::new));
    }

    private static String command(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(30, TimeUnit.SECONDS) || process.exitValue() != 0) {
            process.destroyForcibly();
            throw new IOException(String.join(" ", command) + " failed: " + output);
        }
        return output;
    }
}
