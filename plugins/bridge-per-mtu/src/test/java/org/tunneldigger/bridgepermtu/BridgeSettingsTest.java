// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.bridgepermtu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tunneldigger.api.net.InterfaceAddress;

class BridgeSettingsTest {
    @TempDir
    private Path root = Path.of("set by JUnit");

    @Test
    void nothingSaidIsDefaults() {
        assertThat(read(Map.of())).isEqualTo(new BridgeSettings("digger", List.of(), 0, 1000, true, Set.of()));
        assertThat(read(Map.of("prefix", "", "address", " ", "rule_table", "", "isolate", "")))
                .isEqualTo(read(Map.of()));
    }

    @Test
    void readsEveryKeyAndNamesTheUnknown() throws Exception {
        write("etc/iproute2/rt_tables", "255\tlocal\n# 7 mesh\n042\tmesh # ours\n");
        BridgeSettings settings = read(Map.of(
                "prefix", "br-td",
                "address", "10.254.0.2/16, fd00::2/64",
                "rule_table", "mesh",
                "rule_priority", "77",
                "isolate", "Off",
                "zebra", "1",
                "adress", "x"));
        assertThat(settings.prefix()).isEqualTo("br-td");
        assertThat(settings.addresses())
                .containsExactly(InterfaceAddress.parse("10.254.0.2/16"), InterfaceAddress.parse("fd00::2/64"));
        assertThat(settings.ruleTable()).isEqualTo(42);
        assertThat(settings.rulePriority()).isEqualTo(77);
        assertThat(settings.isolate()).isFalse();
        assertThat(settings.unknownKeys()).containsExactly("adress", "zebra");
    }

    @Test
    void everyWrongValueIsToldAtOnce() {
        assertThatThrownBy(() -> read(Map.of(
                        "prefix", "a/b",
                        "address", "10.0.0.1/8,",
                        "rule_table", "mesh",
                        "rule_priority", "0",
                        "isolate", "maybe")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("prefix: 'a/b'")
                .hasMessageContaining("address: ''")
                .hasMessageContaining("rule_table: there is no table 'mesh' in ")
                .hasMessageContaining("rule_priority: '0'")
                .hasMessageContaining("isolate: 'maybe' is neither yes nor no");
        // with four digits of MTU the name would have 16 characters
        assertThatThrownBy(() -> read(Map.of("prefix", "abcdefghijkl"))).hasMessageContaining("prefix: ");
        assertThat(read(Map.of("prefix", "abcdefghijk")).prefix()).hasSize(11);
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
    void thePageNamesEveryKey() throws Exception {
        String page = Files.readString(Path.of("../../docs/plugins.md"));
        assertThat(BridgeSettings.KEYS).allSatisfy(key -> assertThat(page).contains("| `" + key + "` |"));
    }

    private BridgeSettings read(Map<String, String> section) {
        return BridgeSettings.read(section, new RouteTables(root));
    }

    private void write(String name, String content) throws Exception {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }
}
