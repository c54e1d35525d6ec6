// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tunneldigger.api.net.FilterFamily;
import org.tunneldigger.api.net.FilterTable;
import org.tunneldigger.api.net.IpFamily;
import org.tunneldigger.api.net.NetworkException;
import org.tunneldigger.api.net.PacketFilter;
import org.tunneldigger.api.net.PacketFilter.AddressElement;
import org.tunneldigger.api.net.PacketFilter.InterfaceElement;
import org.tunneldigger.api.net.PacketFilter.SetName;
import org.tunneldigger.nativeio.TestNamespace;

/** Against the kernel, in a namespace; what comes of it is asked of the kernel by the same socket. */
class NetlinkPacketFilterTest {
    private static final SetName V4 = new SetName(FilterFamily.INET, "td", "v4");
    private static final SetName LINKS = new SetName(FilterFamily.INET, "td", "links");

    private final NetlinkNetwork network = new NetlinkNetwork();
    private final PacketFilter filter = network.packetFilter();
    private TestNamespace namespace;

    private static FilterTable table(FilterTable.Hook hook) {
        return new FilterTable(
                FilterFamily.INET,
                "td",
                List.of(
                        new FilterTable.ElementSet("v4", FilterTable.Key.V4, true),
                        new FilterTable.ElementSet("links", FilterTable.Key.INTERFACE, false)),
                List.of(new FilterTable.Chain(
                        "chain",
                        hook,
                        0,
                        List.of(new FilterTable.Rule(
                                new FilterTable.UdpTo(53), new FilterTable.Source(IpFamily.V4, "v4"))))));
    }

    @BeforeEach
    void createNamespace() throws Exception {
        namespace = TestNamespace.create();
        requireTool("nft", "add table inet td-try; delete table inet td-try");
        inside(() -> filter.ensureTable(table(FilterTable.Hook.INPUT)));
    }

    /** Skips the test where not even the usual program can do it. */
    private void requireTool(String... command) throws Exception {
        try {
            namespace.run(command);
        } catch (IOException e) {
            assumeTrue(false, e.getMessage());
        }
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

    private static AddressElement address(String text) throws Exception {
        return new AddressElement(InetAddress.getByName(text));
    }

    @Test
    void setsAreFoundAsTheyWereMade() throws Exception {
        assertThat(filter.findSet(V4)).contains(new FilterTable.ElementSet("v4", FilterTable.Key.V4, true));
        assertThat(filter.findSet(LINKS))
                .contains(new FilterTable.ElementSet("links", FilterTable.Key.INTERFACE, false));
        assertThat(filter.findSet(new SetName(FilterFamily.INET, "td", "other")))
                .isEmpty();
        assertThat(filter.findSet(new SetName(FilterFamily.IP6, "td", "v4"))).isEmpty();
        assertThat(namespace.run("nft", "list", "ruleset")).contains("udp dport 53 ip saddr @v4 drop");
    }

    @Test
    void verbsMayBeRepeated() throws Exception {
        for (int i = 0; i < 2; i++) {
            filter.ensureTable(table(FilterTable.Hook.INPUT));
            filter.addElement(V4, address("192.0.2.7"), Duration.ofSeconds(100));
            filter.addElement(V4, address("192.0.2.8"), Duration.ZERO);
            filter.addElement(LINKS, new InterfaceElement("fifteen-letters"), Duration.ZERO);
            assertThat(namespace.run("nft", "list", "ruleset"))
                    .contains("192.0.2.7 timeout 1m40s")
                    .containsPattern("192.0.2.8[, ]")
                    .contains("\"fifteen-letters\"")
                    .containsOnlyOnce("drop");
        }
        for (int i = 0; i < 2; i++) {
            filter.removeElement(LINKS, new InterfaceElement("fifteen-letters"));
            filter.flushSet(V4);
            assertThat(namespace.run("nft", "list", "ruleset")).doesNotContain("elements");
        }
        for (int i = 0; i < 2; i++) {
            filter.deleteTable(FilterFamily.INET, "td");
            assertThat(namespace.run("nft", "list", "ruleset")).isEmpty();
        }
    }

    @Test
    void refusedTransactionLeavesEverythingAsItWas() throws Exception {
        String before = namespace.run("nft", "list", "ruleset");
        // the chain exists and hooks in elsewhere: the rules before it in the transaction are undone
        assertThatThrownBy(() -> filter.ensureTable(table(FilterTable.Hook.FORWARD)))
                .asInstanceOf(InstanceOfAssertFactories.type(NetworkException.class))
                .satisfies(e -> assertThat(e.errnoName()).isIn("EEXIST", "EINVAL", "EOPNOTSUPP"))
                .satisfies(e -> assertThat(e).hasMessageContaining("the chain chain of the nftables table inet td"));
        assertThat(namespace.run("nft", "list", "ruleset")).isEqualTo(before);

        assertThatThrownBy(() -> filter.probeTable(table(FilterTable.Hook.INPUT)))
                .hasMessageContaining("EEXIST");
        assertThat(namespace.run("nft", "list", "ruleset")).isEqualTo(before);
        // the socket is fit for more
        filter.addElement(V4, address("192.0.2.7"), Duration.ZERO);
    }

    @Test
    void missingSetsAreToldWithTheirName() {
        SetName missing = new SetName(FilterFamily.INET, "td", "none");
        assertThatThrownBy(() -> filter.addElement(missing, address("192.0.2.7"), Duration.ZERO))
                .hasMessageContaining("set none of the nftables table inet td: ENOENT");
        assertThatThrownBy(() -> filter.removeElement(missing, address("192.0.2.7")))
                .hasMessageContaining("ENOENT");
        assertThatThrownBy(() -> filter.flushSet(missing)).hasMessageContaining("ENOENT");
    }

    @Test
    void probesLeaveNothing() throws Exception {
        filter.deleteTable(FilterFamily.INET, "td");
        filter.probeTable(table(FilterTable.Hook.INPUT));
        inside(filter::probePortIsolation);
        assertThat(namespace.run("nft", "list", "ruleset")).isEmpty();
        assertThat(namespace.run("ip", "-brief", "link").lines()).hasSize(1);
    }

    @Test
    void ipsetsTellWhatIsWrong() throws Exception {
        requireTool("ipset", "create", "td-try", "hash:ip");
        filter.ensureIpset("td-set", IpFamily.V6, Duration.ofSeconds(10));
        filter.ensureIpset("td-set", IpFamily.V6, Duration.ofSeconds(10));
        assertThat(filter.ipsetType("td-set")).contains("hash:ip");
        assertThat(filter.ipsetType("td-other")).isEmpty();
        assertThatThrownBy(() -> filter.addToIpset("td-set", InetAddress.getByName("192.0.2.7"), Duration.ofSeconds(1)))
                .hasMessageContaining("filter an address: add to the ipset td-set: ")
                .hasMessageContaining("other family");
        assertThatThrownBy(() -> filter.ensureIpset("td-set", IpFamily.V4, Duration.ZERO))
                .hasMessageContaining("make the ipset td-set: EEXIST");
    }

    @Test
    void nothingIsDoneAfterTheEnd() {
        network.close();
        assertThatThrownBy(() -> filter.flushSet(V4)).hasMessageContaining("EBADF");
    }
}
