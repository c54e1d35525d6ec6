// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.bridgepermtu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tunneldigger.api.ConfigurationException;
import org.tunneldigger.api.PluginConfiguration;
import org.tunneldigger.api.net.InterfaceAddress;
import org.tunneldigger.api.net.MacAddress;

class BridgeSettingsTest {
    @TempDir
    private Path root = Path.of("set by JUnit");

    @Test
    void nothingSaidIsDefaults() {
        assertThat(read(Map.of()))
                .isEqualTo(new BridgeSettings(
                        new Target.PerMtu("digger", List.of(), false),
                        List.of(),
                        0,
                        1000,
                        true,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty()));
        assertThat(read(Map.of("prefix", "", "address", " ", "rule_table", "", "isolate", "", "bridge", "")))
                .isEqualTo(read(Map.of()));
    }

    @Test
    void readsEveryKey() throws Exception {
        write("etc/iproute2/rt_tables", "255\tlocal\n# 7 mesh\n042\tmesh # ours\n");
        BridgeSettings settings = read(Map.of(
                "prefix", "br-td",
                "address", "10.254.0.2/16, fd00::2/64",
                "rule_table", "mesh",
                "rule_priority", "77",
                "isolate", "Off",
                "stp", "yes",
                "multicast_snooping", "no",
                "mac", "02:74:00:00:00:01",
                "precreate", "1446, 1396",
                "remove_empty", "yes"));
        assertThat(settings)
                .isEqualTo(new BridgeSettings(
                        new Target.PerMtu("br-td", List.of(1446, 1396), true),
                        List.of(InterfaceAddress.parse("10.254.0.2/16"), InterfaceAddress.parse("fd00::2/64")),
                        42,
                        77,
                        false,
                        Optional.of(true),
                        Optional.of(false),
                        Optional.of(new MacAddress(0x0274_0000_0001L))));
        assertThat(read(Map.of("bridge", "br-mesh", "stp", "no")).target()).isEqualTo(new Target.OneBridge("br-mesh"));
        assertThat(read(Map.of("master", "bat0", "isolate", "no")).target()).isEqualTo(new Target.OtherMaster("bat0"));
    }

    @Test
    void everyWrongValueIsToldAtOnce() {
        assertThatThrownBy(() -> read(Map.of(
                        "prefix", "a/b",
                        "address", "10.0.0.1/8,",
                        "rule_table", "mesh",
                        "rule_priority", "0",
                        "isolate", "maybe",
                        "precreate", "1446, 99",
                        "mac", "01:00:00:00:00:00")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("[plugin.bridge-per-mtu] prefix: 'a/b'")
                .hasMessageContaining("address: ''")
                .hasMessageContaining("rule_table: there is no table 'mesh' in ")
                .hasMessageContaining("rule_priority: '0'")
                .hasMessageContaining("isolate: 'maybe' is neither yes nor no")
                .hasMessageContaining("precreate: '99' is no MTU of a tunnel")
                .hasMessageContaining("mac: '01:00:00:00:00:00' is not the hardware address of one interface");
        // with four digits of MTU the name would have 16 characters
        assertThatThrownBy(() -> read(Map.of("prefix", "abcdefghijkl"))).hasMessageContaining("prefix: ");
        assertThat(read(Map.of("prefix", "abcdefghijk")).target().nameFor(1446)).hasSize(15);
    }

    @Test
    void whatMeansNothingTogetherIsRefused() {
        assertThatThrownBy(() -> read(Map.of("bridge", "br-mesh", "master", "bat0")))
                .hasMessage("[plugin.bridge-per-mtu] master: means nothing together with bridge = br-mesh");
        assertThatThrownBy(() -> read(Map.of("bridge", "br-mesh", "prefix", "x", "precreate", "1446")))
                .hasMessageContaining("prefix: means nothing together with bridge = br-mesh")
                .hasMessageContaining("precreate: means nothing");
        assertThatThrownBy(() -> read(Map.of("master", "bat0", "remove_empty", "yes", "stp", "no")))
                .hasMessageContaining("remove_empty: means nothing together with master = bat0")
                .hasMessageContaining("stp: means nothing");
        assertThatThrownBy(() -> read(Map.of("master", "bat0", "isolate", "yes")))
                .hasMessageContaining("isolate: not available under bat0: only bridges isolate their ports");
    }

    @Test
    void anMtuIsReadFromABridgesName() {
        Target.PerMtu target = new Target.PerMtu("digger", List.of(), false);
        assertThat(target.mtuOf(target.nameFor(1446))).hasValue(1446);
        for (String other : List.of("digger", "digger14461", "digger0446", "digger14x6", "br-mesh", "1446")) {
            assertThat(target.mtuOf(other)).as(other).isEmpty();
        }
    }

    @Test
    void theMacAddressIsStableAndThatOfTheExampleScripts() throws Exception {
        write("etc/machine-id", "0123456789abcdef0123456789abcdef\n");
        write("proc/sys/kernel/hostname", "gateway\n");
        String seed = "0123456789abcdef0123456789abcdef gateway digger";
        Process cksum = new ProcessBuilder("cksum").start();
        cksum.getOutputStream().write(seed.getBytes(StandardCharsets.US_ASCII));
        cksum.getOutputStream().close();
        String sum = new String(cksum.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        long expected = 0x0274_0000_0000L | Long.parseLong(sum.split(" ")[0]);
        assertThat(StableMac.of(root, "digger")).isEqualTo(new MacAddress(expected));
        assertThat(StableMac.of(root, "digger").toString()).startsWith("02:74:");
        assertThat(StableMac.of(root, "other")).isNotEqualTo(StableMac.of(root, "digger"));
        assertThat(StableMac.of(root.resolve("nothing"), "digger").toString()).startsWith("02:74:");
    }

    @Test
    void tablesAreFoundWhereIpFindsThem() throws Exception {
        write("usr/share/iproute2/rt_tables", "100 mesh\n101 other\n0x66 hex\n0 unspec\n");
        write("etc/iproute2/rt_tables.d/b.conf", "200 mesh\n");
        RouteTables tables = new RouteTables(root);
        assertThat(tables.number("mesh")).isEqualTo(200);
        assertThat(tables.number("other")).isEqualTo(101);
        assertThat(tables.number("hex")).isEqualTo(0x66);
        assertThat(tables.number("007")).isEqualTo(7);
        assertThat(tables.number("4294967295")).isEqualTo(4_294_967_295L);
        for (String wrong : List.of("0", "4294967296", "-1", "unspec", "9999999999", "10x")) {
            assertThatThrownBy(() -> tables.number(wrong))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(wrong);
        }
    }

    @Test
    void thePageNamesEveryKeyAndThePluginKnowsThem() throws Exception {
        String page = Files.readString(Path.of("../../docs/plugins.md"));
        String section = page.substring(page.indexOf("\n## bridge-per-mtu"), page.indexOf("\n## ebtables-isolation"));
        List<String> keys = section.lines()
                .filter(line -> line.startsWith("| `"))
                .map(line -> line.substring(3, line.indexOf('`', 3)))
                .toList();
        assertThat(keys)
                .containsExactlyInAnyOrder(
                        "prefix",
                        "bridge",
                        "master",
                        "address",
                        "rule_table",
                        "rule_priority",
                        "isolate",
                        "stp",
                        "multicast_snooping",
                        "mac",
                        "precreate",
                        "remove_empty");
        for (String key : keys) {
            PluginConfiguration one = PluginConfiguration.of("plugin.bridge-per-mtu", Map.of(key, ""));
            one.read(all -> BridgeSettings.read(all, new RouteTables(root)));
            assertThat(one.warnings()).as(key).isEmpty();
        }
    }

    private BridgeSettings read(Map<String, String> section) {
        return PluginConfiguration.of("plugin.bridge-per-mtu", section)
                .read(keys -> BridgeSettings.read(keys, new RouteTables(root)));
    }

    private void write(String name, String content) throws Exception {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }
}
