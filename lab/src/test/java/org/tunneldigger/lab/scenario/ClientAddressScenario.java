// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.lab.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.tunneldigger.lab.Client;
import org.tunneldigger.lab.Lab;

/** A client's own address changes under its tunnel, as after a new lease; in plain sight of the broker, and behind a NAT. */
@Tag("long")
@InLab
final class ClientAddressScenario {
    /** The client's keepalive (6 s) and the 2 s that it may take to come back. */
    private static final Duration KEEPALIVE_AND_TWO = Duration.ofSeconds(8);

    @Test
    void clientsComeBackFromTheirNewAddress(Lab lab) {
        lab.startBroker();
        Client plain = lab.addClient();
        Client behindNat = lab.addClient();
        behindNat.line().masquerade();
        List<Client> clients = List.of(plain, behindNat);
        clients.forEach(Client::start);
        clients.forEach(Client::awaitUp);
        clients.forEach(Client::awaitTraffic);
        assertThat(behindNat.awaitUp().arguments().get(4))
                .as("as the broker sees it")
                .isEqualTo("192.0.2.254");

        plain.line().readdress(plain.address(), "10.64.1.9");
        behindNat.line().readdress(behindNat.address(), "10.64.2.9");
        long changedNanos = System.nanoTime();
        for (Client client : clients) {
            lab.await()
                    .until(
                            Duration.ofSeconds(90),
                            "the return of " + client.uuid(),
                            () -> lab.hooks().begun("session.up", client.uuid()).size() == 2);
        }
        assertThat(Duration.ofNanos(System.nanoTime() - changedNanos))
                .as("both are back")
                .isLessThan(lab.allowance(KEEPALIVE_AND_TWO));
        clients.forEach(Client::awaitTraffic);
        assertThat(plain.awaitUp(2).arguments().get(4))
                .as("as the broker sees it")
                .isEqualTo("10.64.1.9");
    }
}
