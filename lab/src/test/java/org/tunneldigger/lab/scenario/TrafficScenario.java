// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.lab.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.tunneldigger.lab.Client;
import org.tunneldigger.lab.HookEvent;
import org.tunneldigger.lab.Lab;

/** The main job: a tunnel comes up and carries frames, over either family, for more than one client. */
@InLab
final class TrafficScenario {
    private static final int FULL_MTU = 1446;
    private static final int FULL_MTU_V6 = 1422;
    private static final int PING_HEADERS = 28;
    private static final Duration LIMIT = Duration.ofSeconds(10);

    @Test
    void handshakeGivesTheHookItsArguments(Lab lab) {
        lab.startBroker();
        Client client = lab.addClient();
        client.start();

        HookEvent up = client.awaitUp();
        assertThat(up.arguments()).hasSize(9);
        assertThat(up.tunnelId()).isEqualTo(100);
        assertThat(up.arguments().get(1)).as("session id, unique").isEqualTo("100");
        assertThat(up.interfaceName()).isEqualTo("l2tp100-100");
        assertThat(up.arguments().get(3)).as("MTU at the start").isEqualTo("1446");
        assertThat(up.arguments().get(4)).isEqualTo(client.address());
        assertThat(up.arguments().get(6)).as("local port").isEqualTo("8942");
        assertThat(up.uuid()).isEqualTo(client.uuid());
        assertThat(up.arguments().get(8)).as("broker port").isEqualTo("8942");
    }

    @Test
    void fullSizedFramesPassBothWaysUnfragmented(Lab lab) {
        lab.startBroker();
        Client client = lab.addClient();
        client.start();
        client.awaitUp();
        client.awaitTraffic();
        awaitMtu(lab, client, FULL_MTU);

        fullSizedPings(lab, client, FULL_MTU);
    }

    @Test
    void ipv6Underlay(Lab lab) {
        lab.startBroker();
        Client client = lab.addClient();
        client.start("[" + Lab.BROKER_V6 + "]:" + Lab.PORT);
        HookEvent up = client.awaitUp();
        assertThat(up.arguments().get(4)).isEqualTo("2001:db8:c:1::1");
        client.awaitTraffic();
        awaitMtu(lab, client, FULL_MTU_V6);

        fullSizedPings(lab, client, FULL_MTU_V6);
    }

    @Test
    void twoClientsOnOneBrokerDontSeeEachOther(Lab lab) {
        lab.startBroker();
        Client first = lab.addClient();
        Client second = lab.addClient();
        first.start();
        second.start(Lab.BROKER_V4 + ":" + Lab.PORT, "-t", "2");
        assertThat(List.of(first.awaitUp().tunnelId(), second.awaitUp().tunnelId()))
                .containsExactlyInAnyOrder(100, 101);
        first.awaitTraffic();
        second.awaitTraffic();

        assertThat(first.pings(second.tunnelAddress(), 56))
                .as("one client reaches the other")
                .isFalse();
        assertThat(second.pings(first.tunnelAddress(), 56))
                .as("one client reaches the other")
                .isFalse();
        assertThat(first.pings(Lab.GATEWAY, 56))
                .as("the gateway is still there")
                .isTrue();
    }

    private static void awaitMtu(Lab lab, Client client, int mtu) {
        String here = client.awaitUp().interfaceName();
        lab.await()
                .until(
                        LIMIT,
                        "both ends have an MTU of " + mtu,
                        () -> client.mtu().orElse(0) == mtu
                                && lab.broker().mtu(here).orElse(0) == mtu);
    }

    private static void fullSizedPings(Lab lab, Client client, int mtu) {
        int payload = mtu - PING_HEADERS;
        assertThat(client.pings(Lab.GATEWAY, payload))
                .as("client to broker, " + mtu)
                .isTrue();
        assertThat(client.pings(Lab.GATEWAY, payload + 1))
                .as("larger than the MTU")
                .isFalse();
        assertThat(lab.broker()
                        .command("ping", "-n", "-c", "2", "-M", "do", "-s", "" + payload, client.tunnelAddress())
                        .run()
                        .status())
                .as("broker to client, " + mtu)
                .isZero();
        for (String counter : List.of("IpFragCreates", "IpReasmReqds", "Ip6FragCreates", "Ip6ReasmReqds")) {
            assertThat(lab.broker().counter(counter)).as("broker's " + counter).isZero();
            assertThat(client.namespace().counter(counter))
                    .as("client's " + counter)
                    .isZero();
        }
    }
}
