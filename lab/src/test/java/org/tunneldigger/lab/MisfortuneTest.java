// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.lab;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the lab does to names and lines, without a broker. */
@Tag("long")
final class MisfortuneTest {
    private static final int PINGS = 40;

    @Test
    void programsResolveByTheNameServer() {
        try (Lab lab = Lab.open()) {
            Client client = lab.addClient();
            NameServer names = lab.nameServer(client)
                    .host("broker.lab", "192.0.2.1", "192.0.2.2", "2001:db8:b::1")
                    .service("_tunneldigger._udp.lab", 10, 5, 8942, "broker.lab");
            client.resolveBy(names);
            assertThat(client.resolve("broker.lab").lines())
                    .containsExactlyInAnyOrder("192.0.2.1", "192.0.2.2", "2001:db8:b::1");
            assertThat(client.resolve("other.lab")).isEmpty();
            names.mood(NameServer.Mood.FAILS);
            assertThat(client.resolve("broker.lab")).isEmpty();
        }
    }

    @Test
    void linesLoseSomeOrAll() {
        try (Lab lab = Lab.open()) {
            Client client = lab.addClient();
            client.line().loss(30);
            assertThat(client.pingsLost(Lab.BROKER_V4, PINGS))
                    .as("lost of " + PINGS)
                    .isBetween(8, 34);
            client.line().loss(100);
            assertThat(client.pings(Lab.BROKER_V4, 56)).isFalse();
            assertThat(client.pings(client.routerAddress(), 56)).isFalse();
            client.line().loss(0);
            assertThat(client.pingsLost(Lab.BROKER_V4, 10)).isZero();
        }
    }

    @Test
    void linesAreUnpluggedReaddressedAndNarrow() {
        try (Lab lab = Lab.open()) {
            Client client = lab.addClient();
            client.line().unplug();
            assertThat(client.pings(Lab.BROKER_V4, 56)).isFalse();
            client.line().plugIn();
            assertThat(client.pings(Lab.BROKER_V4, 1472)).isTrue();

            client.line().mtu(1400);
            assertThat(client.pings(Lab.BROKER_V4, 1372)).isTrue();
            assertThat(client.pings(Lab.BROKER_V4, 1400)).isFalse();
            client.line().mtu(1500);
            assertThat(client.pings(Lab.BROKER_V4, 1472)).isTrue();

            client.line().readdress(client.address(), "10.64.1.9");
            assertThat(client.pings(Lab.BROKER_V4, 56)).isTrue();
            assertThat(client.namespace().shell("ip -4 address show dev wan")).doesNotContain(client.address() + "/");
        }
    }

    @Test
    void aSecondBrokersAddressAnswersToo() {
        try (Lab lab = Lab.open()) {
            assertThat(lab.addClient().pings(Lab.OTHER_BROKER_V4, 56)).isTrue();
        }
    }
}
