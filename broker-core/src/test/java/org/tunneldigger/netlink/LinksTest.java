// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tunneldigger.nativeio.Errno;
import org.tunneldigger.nativeio.TestNamespace;

/** Every verb against the kernel, as {@code ip} sees what it did. */
class LinksTest {
    private TestNamespace namespace;
    private Rtnetlink rtnetlink;
    private Links links;

    @BeforeEach
    void createNamespace() throws Exception {
        namespace = TestNamespace.create();
        rtnetlink = namespace.call(Rtnetlink::open);
        links = rtnetlink.links();
    }

    @AfterEach
    void deleteNamespace() throws Exception {
        rtnetlink.close();
        namespace.close();
    }

    @Test
    void createsFindsChangesAndDeletes() throws Exception {
        links.createVeth("td-a", "td-b");
        links.createBridge("td-br");
        Link a = link("td-a");
        assertThat(a).isEqualTo(new Link(a.index(), "td-a", 1500, false, 0, "veth"));
        assertThat(link("td-br").kind()).isEqualTo("bridge");
        assertThat(links.byIndex(a.index())).isEqualTo(a);
        assertThat(links.byName("td-none")).isNull();
        assertThat(links.byIndex(9999)).isNull();
        assertThat(links.all()).extracting(Link::name).contains("lo", "td-a", "td-b", "td-br");

        links.setMtu(a.index(), 1280);
        assertThat(links.indexOf("td-a")).isEqualTo(a.index());
        assertThat(links.indexOf("td-none")).isZero();
        assertThat(links.indexOf("td-a\0and-something-long")).isZero();
        assertThat(links.isUp("td-a")).isFalse();
        links.setUp(a.index());
        assertThat(links.isUp("td-a")).isTrue();
        assertThat(namespace.run("ip", "link", "show", "td-a"))
                .contains("mtu 1280")
                .contains("UP");
        assertThat(link("td-a").up()).isTrue();
        links.setDown(a.index());
        assertThat(link("td-a").up()).isFalse();

        links.delete(a.index());
        assertThat(links.byName("td-a")).isNull();
        assertThat(links.byName("td-b")).isNull();
    }

    @Test
    void enslavesIsolatedAndMovesBetweenBridges() throws Exception {
        links.createVeth("td-a", "td-b");
        links.createBridge("td-br0");
        links.createBridge("td-br1");
        int a = link("td-a").index();

        links.attachPort(a, link("td-a").up(), link("td-br0").index(), 1400, true);
        assertThat(link("td-a").master()).isEqualTo(link("td-br0").index());
        assertThat(link("td-a").up()).isTrue();
        assertThat(namespace.run("bridge", "-d", "link", "show", "dev", "td-a")).contains("isolated on");

        links.attachPort(a, link("td-a").up(), link("td-br1").index(), 1300, true);
        assertThat(link("td-a").master()).isEqualTo(link("td-br1").index());
        assertThat(namespace.run("bridge", "-d", "link", "show", "dev", "td-a")).contains("isolated on");

        links.setIsolated(a, false);
        assertThat(namespace.run("bridge", "-d", "link", "show", "dev", "td-a")).contains("isolated off");
        links.release(a);
        assertThat(link("td-a").master()).isZero();
        links.enslave(a, link("td-br0").index());
        assertThat(link("td-a").master()).isEqualTo(link("td-br0").index());
    }

    @Test
    void aPortThatCannotBeIsolatedStaysDown() throws Exception {
        links.createVeth("td-a", "td-b");
        int a = link("td-a").index();
        links.setUp(a);
        // the other end is no bridge: the first failure is told, and "up" is not carried out
        assertThatThrownBy(() ->
                        links.attachPort(a, link("td-a").up(), link("td-b").index(), 1400, true))
                .isInstanceOf(NetlinkException.class)
                .hasMessageStartingWith("enslave link " + a + " to ");
        assertThat(link("td-a").up()).isFalse();
    }

    @Test
    void failuresCarryErrnoAndTheKernelsWords() throws Exception {
        links.createBridge("td-br");
        int bridge = link("td-br").index();
        assertThatThrownBy(() -> links.createBridge("td-br")).isInstanceOfSatisfying(NetlinkException.class, e -> {
            assertThat(e.errno()).isEqualTo(Errno.EEXIST);
            assertThat(e.operation()).isEqualTo("create link td-br");
        });
        assertThatThrownBy(() -> links.setMtu(bridge, 10)).isInstanceOfSatisfying(NetlinkException.class, e -> {
            assertThat(e.errno()).isEqualTo(Errno.EINVAL);
            assertThat(e.kernelText()).isEqualTo("mtu less than device minimum");
            assertThat(e)
                    .hasMessage("set MTU of link " + bridge
                            + " to 10: EINVAL (Invalid argument): mtu less than device minimum");
        });
        // and the socket goes on after them
        links.setMtu(bridge, 1400);
        assertThat(link("td-br").mtu()).isEqualTo(1400);
    }

    @Test
    void dumpsOfManyLinksAreWhole() throws Exception {
        int pairs = 150;
        for (int i = 0; i < pairs; i++) {
            links.createVeth("td-a" + i, "td-b" + i);
        }
        assertThat(links.all()).hasSizeGreaterThanOrEqualTo(2 * pairs + 1);
    }

    @Test
    void addressesAreAddedAndDeleted() throws Exception {
        links.createBridge("td-br");
        int bridge = link("td-br").index();
        Addresses addresses = rtnetlink.addresses();
        addresses.add(bridge, InetAddress.getByName("10.254.0.2"), 16);
        addresses.add(bridge, InetAddress.getByName("fd00::2"), 64);
        assertThat(namespace.run("ip", "address", "show", "td-br"))
                .contains("inet 10.254.0.2/16")
                .contains("inet6 fd00::2/64");
        assertThatThrownBy(() -> addresses.add(bridge, InetAddress.getByName("10.254.0.2"), 16))
                .hasMessageContaining("EEXIST");
        addresses.delete(bridge, InetAddress.getByName("10.254.0.2"), 16);
        assertThat(namespace.run("ip", "-4", "address", "show", "td-br")).doesNotContain("inet ");
    }

    @Test
    void rulesAreAddedListedAndDeleted() throws Exception {
        Rules rules = rtnetlink.rules();
        Rule rule = new Rule(false, 1000, "digger1446", 42);
        Rule rule6 = new Rule(true, 1000, "digger1446", 4242);
        rules.add(rule);
        rules.add(rule6);
        assertThat(namespace.run("ip", "rule", "show")).containsPattern("1000:\\s+from all iif digger1446.* lookup 42");
        assertThat(rules.all(false)).containsExactly(rule);
        assertThat(rules.all(true)).containsExactly(rule6);
        assertThatThrownBy(() -> rules.add(rule)).hasMessageContaining("EEXIST");
        rules.delete(rule);
        assertThat(rules.all(false)).isEmpty();
        assertThatThrownBy(() -> rules.delete(rule)).hasMessageContaining("ENOENT");
    }

    private Link link(String name) throws Exception {
        return Objects.requireNonNull(links.byName(name), name);
    }
}
