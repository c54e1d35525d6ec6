// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tunneldigger.api.net.BridgeOptions;
import org.tunneldigger.api.net.InterfaceAddress;
import org.tunneldigger.api.net.IpFamily;
import org.tunneldigger.api.net.MacAddress;
import org.tunneldigger.api.net.NetworkException;
import org.tunneldigger.nativeio.TestNamespace;

/** Routes, rules and options of bridges against the kernel, as {@code ip} sees them. */
class NetworkRoutesTest {
    private static final InterfaceAddress V4 = InterfaceAddress.parse("10.254.0.2/16");
    private static final InterfaceAddress V6 = InterfaceAddress.parse("fd00:254::2/63");

    private final NetlinkNetwork network = new NetlinkNetwork();
    private TestNamespace namespace;

    @BeforeEach
    void createNamespace() throws Exception {
        namespace = TestNamespace.create();
    }

    @AfterEach
    void deleteNamespace() throws Exception {
        network.close();
        namespace.close();
    }

    private interface Step {
        void run() throws Exception;
    }

    private void inside(Step step) throws Exception {
        namespace.call(() -> {
            step.run();
            return true;
        });
    }

    @Test
    void routesStandBesideThoseOfOtherInterfacesWithTheSameMetric() throws Exception {
        for (int i = 0; i < 2; i++) {
            boolean first = i == 0;
            inside(() -> {
                for (String bridge : new String[] {"td-a", "td-b"}) {
                    assertThat(network.ensureBridge(bridge, BridgeOptions.none()))
                            .isEqualTo(first);
                    assertThat(network.ensureRoutelessAddress(bridge, V4)).isEqualTo(first);
                    assertThat(network.ensureRoutelessAddress(bridge, V6)).isEqualTo(first);
                    network.ensureConnectedRoute(bridge, V4, 55);
                    network.ensureConnectedRoute(bridge, V6, 55);
                }
            });
            for (String bridge : new String[] {"td-a", "td-b"}) {
                assertThat(routes("-4", bridge))
                        .containsOnlyOnce("10.254.0.0/16 proto kernel scope link src 10.254.0.2 metric 55");
                assertThat(routes("-6", bridge)).containsOnlyOnce("fd00:254::/63 proto kernel metric 55");
                assertThat(namespace.run("ip", "-6", "address", "show", bridge))
                        .contains("nodad", "noprefixroute")
                        .doesNotContain("fd00:254::2/63 scope global tentative");
            }
        }
        inside(() -> {
            network.removeConnectedRoutes("td-a", V4);
            network.removeConnectedRoutes("td-a", V6);
            network.removeConnectedRoutes("td-a", V6);
            network.removeConnectedRoutes("td-none", V6);
        });
        assertThat(routes("-4", "td-a") + routes("-6", "td-a")).doesNotContain("10.254.0.0/16", "fd00:254::/63");
        assertThat(routes("-4", "td-b") + routes("-6", "td-b")).contains("10.254.0.0/16", "fd00:254::/63");
        assertThat(namespace.run("ip", "address", "show", "td-a")).contains("10.254.0.2/16", "fd00:254::2/63");
    }

    @Test
    void theKernelsOwnRoutesGoToo() throws Exception {
        inside(() -> {
            network.ensureBridge("td-a", BridgeOptions.none());
            network.ensureAddress("td-a", V4);
            network.ensureAddress("td-a", V6);
            assertThat(network.ensureRoutelessAddress("td-a", V4)).isFalse();
            network.ensureConnectedRoute("td-a", V4, 4_294_967_295L);
        });
        namespace.run("ip", "route", "add", "10.254.0.0/16", "dev", "td-a", "metric", "9", "proto", "static");
        assertThat(routes("-4", "td-a").lines()).hasSize(3);
        inside(() -> {
            network.removeConnectedRoutes("td-a", V4);
            network.removeConnectedRoutes("td-a", V6);
        });
        assertThat(routes("-4", "td-a").lines()).hasSize(1);
        assertThat(routes("-4", "td-a")).contains("10.254.0.0/16 proto static scope link metric 9");
        assertThat(routes("-6", "td-a")).doesNotContain("fd00:254::/63");
    }

    @Test
    void bridgesAreMadeAsTheOptionsSayAndRemovedWhenEmpty() throws Exception {
        MacAddress mac = MacAddress.parse("02:74:00:00:00:01");
        BridgeOptions options = BridgeOptions.none()
                .withMtu(1400)
                .withMacAddress(mac)
                .withStp(true)
                .withMulticastSnooping(false);
        namespace.run("ip", "link", "add", "td-p", "type", "veth", "peer", "td-q");
        for (int i = 0; i < 2; i++) {
            inside(() -> network.ensureBridge("td-a", options));
            assertThat(namespace.run("ip", "-d", "link", "show", "td-a"))
                    .contains("mtu 1400", "link/ether " + mac, "stp_state 1", "mcast_snooping 0", ",UP");
        }
        inside(() -> {
            network.ensureBridge("td-a", BridgeOptions.none().withStp(false));
            network.attachPort("td-p", "td-a", 1400, true);
            assertThat(network.bridges()).containsExactly("td-a");
            assertThat(network.portsOf("td-a")).containsExactly("td-p");
            assertThat(network.portsOf("td-none")).isEmpty();
            assertThat(network.kindOf("td-a")).contains("bridge");
            assertThat(network.kindOf("td-none")).isEmpty();
            assertThat(network.removeBridge("td-a")).isFalse();
            network.detach("td-p");
            assertThat(network.removeBridge("td-a")).isTrue();
            assertThat(network.removeBridge("td-a")).isTrue();
            assertThat(network.bridges()).isEmpty();
            assertThatThrownBy(() -> network.removeBridge("td-p")).hasMessageContaining("td-p is no bridge: EINVAL");
        });
    }

    @Test
    void rulesAreRemoved() throws Exception {
        for (IpFamily family : IpFamily.values()) {
            for (int i = 0; i < 2; i++) {
                inside(() -> network.ensureRule(family, "td-a", 42, 1000));
            }
            inside(() -> network.ensureRule(family, "td-b", 42, 1000));
            for (int i = 0; i < 2; i++) {
                inside(() -> network.removeRule(family, "td-a", 42, 1000));
            }
        }
        assertThat(namespace.run("ip", "rule")).contains("td-b").doesNotContain("td-a");
        assertThat(namespace.run("ip", "-6", "rule")).contains("td-b").doesNotContain("td-a");
    }

    @Test
    void failuresSayWhat() throws Exception {
        namespace.run("ip", "link", "add", "td-p", "type", "veth", "peer", "td-q");
        inside(() -> {
            assertThatThrownBy(() -> network.ensureBridge("td-%d", BridgeOptions.none()))
                    .hasMessageContaining("'td-%d' can't be the name of a bridge: EINVAL");
            assertThatThrownBy(() -> network.ensureBridge("a-name-of-16-byt", BridgeOptions.none()))
                    .isInstanceOf(NetworkException.class);
            network.ensureBridge("td-a", BridgeOptions.none());
            assertThatThrownBy(() -> network.attachToMaster("td-p", "td-a", 1400))
                    .hasMessage("put td-p under td-a: the interface td-a is a bridge: EINVAL (Invalid argument)");
            assertThatThrownBy(() -> network.attachToMaster("td-p", "td-q", 1400))
                    .isInstanceOfSatisfying(
                            NetworkException.class,
                            e -> assertThat(e.errnoName()).isEqualTo("EOPNOTSUPP"));
            assertThatThrownBy(() -> network.ensureConnectedRoute("td-p", V4, 55))
                    .isInstanceOfSatisfying(
                            NetworkException.class,
                            e -> assertThat(e.errnoName()).isEqualTo("ENETDOWN"));
            assertThatThrownBy(() -> network.ensureConnectedRoute("td-a", V4, 0))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> network.limitUp("td-a", 7_999)).isInstanceOf(IllegalArgumentException.class);
        });
        assertThat(namespace.run("ip", "link", "show", "td-p")).contains("state DOWN");
        assertThat(namespace.run("ip", "link")).doesNotContain("td-0");
    }

    private String routes(String family, String dev) throws Exception {
        return namespace.run("ip", family, "route", "show", "dev", dev);
    }
}
