// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.bridgepermtu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tunneldigger.testing.KernelFixture;

/** One address on several bridges: which of them attracts traffic. */
class BridgeRoutesTest {
    private static final Map<String, String> ADDRESSES = Map.of("address", "10.254.0.2/16, fd00:254::2/64");

    private BridgeFixture fixture;
    private KernelFixture kernel;

    @BeforeEach
    void createNamespaces() throws Exception {
        fixture = new BridgeFixture();
        kernel = fixture.kernel;
    }

    @AfterEach
    void deleteNamespaces() throws Exception {
        fixture.close();
    }

    @Test
    void aMovedTunnelIsAnsweredAtOnceBothWays() throws Exception {
        fixture.start(ADDRESSES);
        String client = client("td-a", "10.254.1.1/16", "fd00:254::1:1/64");
        fixture.up("td-a", 1446);
        pingsBothWays(client);
        for (int[] mtus : new int[][] {{1446, 1396}, {1396, 1446}, {1446, 1280}}) {
            fixture.move("td-a", mtus[0], mtus[1]);
            pingsBothWays(client);
            assertThat(fixture.routes("digger" + mtus[0])).doesNotContain("10.254.0.0/16", "fd00:254::/64");
            assertThat(kernel.broker("ip", "address", "show", "digger" + mtus[0]))
                    .contains("10.254.0.2/16");
        }
    }

    private void pingsBothWays(String client) throws Exception {
        assertThat(kernel.reaches(client, "10.254.0.2")).isTrue();
        assertThat(kernel.reaches(client, "fd00:254::2")).isTrue();
        kernel.broker("ping", "-q", "-c", "1", "-w", "5", "10.254.1.1");
        kernel.broker("ping", "-q", "-c", "1", "-w", "5", "fd00:254::1:1");
    }

    @Test
    void amongBridgesWithPortsTheLargestMtuIsTaken() throws Exception {
        fixture.start(ADDRESSES);
        String large = client("td-a", "10.254.1.1/16", "fd00:254::1:1/64");
        String small = client("td-b", "10.254.1.2/16", "fd00:254::1:2/64");
        fixture.up("td-b", 1280);
        fixture.up("td-a", 1446);
        assertThat(fixture.routes("digger1446"))
                .contains("10.254.0.0/16 proto kernel scope link src 10.254.0.2 metric 55")
                .contains("fd00:254::/64 proto kernel metric 55");
        assertThat(fixture.routes("digger1280")).contains("metric 221");
        assertThat(kernel.reaches(large, "10.254.0.2")).isTrue();
        // docs/plugins.md: without a more specific route the other one is not reached
        assertThat(kernel.cannotReach(small, "10.254.0.2")).isTrue();
        kernel.broker("ip", "route", "add", "10.254.1.2/32", "dev", "digger1280");
        assertThat(kernel.reaches(small, "10.254.0.2")).isTrue();
        kernel.broker("ip", "route", "delete", "10.254.1.2/32");
        fixture.down("td-a", 1446);
        assertThat(kernel.reaches(small, "10.254.0.2")).isTrue();
        assertThat(kernel.reaches(small, "fd00:254::2")).isTrue();
    }

    @Test
    void allBridgesHaveOneHardwareAddressThatPortsDoNotChange() throws Exception {
        fixture.start(Map.of("precreate", "1446, 1396"));
        String before = mac("digger1446");
        assertThat(before).startsWith("02:74:").isEqualTo(mac("digger1396"));
        kernel.client("td-a", "10.254.1.1/16");
        kernel.broker("ip", "link", "set", "td-a", "address", "00:00:5e:00:53:01");
        fixture.up("td-a", 1446);
        assertThat(mac("digger1446")).isEqualTo(before);
        fixture.start(Map.of("mac", "02:00:5e:00:53:02", "precreate", "1446"));
        assertThat(mac("digger1446")).isEqualTo("02:00:5e:00:53:02");
    }

    @Test
    void routesFollowThePortsOfAnEarlierRunAndOfOthers() throws Exception {
        kernel.broker("ip", "link", "add", "digger1446", "type", "bridge");
        kernel.broker("ip", "link", "set", "digger1446", "up");
        kernel.broker("ip", "address", "add", "10.254.0.2/16", "dev", "digger1446");
        assertThat(fixture.routes("digger1446")).contains("10.254.0.0/16 proto kernel scope link src 10.254.0.2 \n");
        fixture.start(ADDRESSES);
        assertThat(fixture.routes("digger1446")).as("it has no ports").doesNotContain("10.254.0.0/16");
        kernel.client("td-u", "10.254.1.9/16");
        kernel.broker("ip", "link", "set", "td-u", "master", "digger1446", "up");
        kernel.client("td-a", "10.254.1.1/16");
        fixture.up("td-a", 1446);
        assertThat(fixture.routes("digger1446"))
                .containsOnlyOnce("10.254.0.0/16")
                .contains("metric 55");
        fixture.down("td-a", 1446);
        assertThat(fixture.routes("digger1446")).as("the uplink is there").contains("metric 55");
        fixture.start(ADDRESSES);
        assertThat(fixture.routes("digger1446")).as("after a restart").contains("metric 55");
    }

    @Test
    void aBridgeThatWasTakenDownIsRoutedAgainWithTheNextTunnel() throws Exception {
        fixture.start(ADDRESSES);
        kernel.client("td-a", "10.254.1.1/16");
        String second = kernel.client("td-b", "10.254.1.2/16");
        fixture.up("td-a", 1446);
        kernel.broker("ip", "link", "set", "digger1446", "down");
        fixture.up("td-b", 1446);
        assertThat(kernel.reaches(second, "10.254.0.2")).isTrue();
    }

    /** The client's address in IPv6 goes without a check for duplicates, which takes a second. */
    private String client(String port, String v4, String v6) throws Exception {
        String client = kernel.client(port, v4);
        KernelFixture.in(client, "ip", "address", "add", v6, "dev", "eth0", "nodad");
        return client;
    }

    private String mac(String link) throws Exception {
        return kernel.broker("cat", "/sys/class/net/" + link + "/address").strip();
    }
}
