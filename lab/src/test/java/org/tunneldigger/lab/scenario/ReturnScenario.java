// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.lab.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.tunneldigger.lab.BrokerProcess;
import org.tunneldigger.lab.Client;
import org.tunneldigger.lab.HookEvent;
import org.tunneldigger.lab.Lab;
import org.tunneldigger.lab.LabProcess;
import org.tunneldigger.lab.UdpRelay;

/** A tunnel's end that is lost or replaced while the other end still believes in it. */
@InLab
final class ReturnScenario {
    /** The client's keepalive (6 s) and the 2 s that it may take to come back. */
    private static final Duration KEEPALIVE_AND_TWO = Duration.ofSeconds(8);

    private static final int RELAY_PORT = 7001;

    @Test
    void clientBehindANatThatRebindsIsToldAndReturns(Lab lab) {
        lab.startBroker();
        Client client = lab.addClient();
        UdpRelay relay = lab.relay(RELAY_PORT);
        client.start(client.routerAddress() + ":" + RELAY_PORT);
        client.awaitUp();
        client.awaitTraffic();

        relay.rebind();
        long reboundNanos = System.nanoTime();
        lab.await()
                .until(
                        Duration.ofSeconds(40),
                        "the session.up of the client's return",
                        () -> lab.hooks().begun("session.up", client.uuid()).size() == 2);
        assertThat(since(reboundNanos)).as("back after the NAT forgot it").isLessThan(lab.allowance(KEEPALIVE_AND_TWO));
        client.awaitTraffic();
        assertThat(client.awaitUp(2).tunnelId())
                .as("a session of its own; the old one is not moved")
                .isNotEqualTo(client.awaitUp(1).tunnelId());
    }

    @Test
    void clientRestartsWithTheSameUuid(Lab lab) {
        lab.startBroker();
        Client client = lab.addClient();
        LabProcess first = client.start();
        HookEvent old = client.awaitUp();
        client.awaitTraffic();

        first.kill();
        client.start();
        HookEvent fresh = client.awaitUp(2);
        client.awaitTraffic();
        assertThat(fresh.tunnelId()).isNotEqualTo(old.tunnelId());
        assertThat(lab.broker().mtu(fresh.interfaceName())).isPresent();
    }

    @Test
    void clientStopsAndTheBrokerLetsGo(Lab lab) {
        lab.startBroker();
        Client client = lab.addClient();
        LabProcess process = client.start();
        HookEvent up = client.awaitUp();
        client.awaitTraffic();

        process.signal("TERM");
        assertThat(process.awaitExit(Duration.ofSeconds(5)))
                .as("client's exit status")
                .hasValue(1);
        lab.await()
                .until(
                        Duration.ofSeconds(5),
                        "session.down of the client that left",
                        () -> lab.hooks().ended("session.down", client.uuid()).size() == 1);
        assertThat(lab.hooks().begun("session.pre-down", client.uuid())).hasSize(1);
        assertThat(lab.broker().mtu(up.interfaceName()))
                .as("the interface is gone")
                .isEmpty();
    }

    @Test
    void brokerIsKilledAndStartedAgain(Lab lab) {
        BrokerProcess first = lab.startBroker();
        Client client = lab.addClient();
        client.start();
        client.awaitUp();
        client.awaitTraffic();

        first.process().kill();
        lab.startBroker();
        long readyNanos = System.nanoTime();
        lab.await()
                .until(
                        Duration.ofSeconds(40),
                        "the client's session on the new broker",
                        () -> lab.hooks().begun("session.up", client.uuid()).size() == 2);
        assertThat(since(readyNanos))
                .as("back after the broker's restart")
                .isLessThan(lab.allowance(KEEPALIVE_AND_TWO));
        client.awaitTraffic();
    }

    /** A farewell, not a silence: but nobody else is there to go to. */
    @Test
    void brokerStopsAndIsStartedAgain(Lab lab) {
        BrokerProcess first = lab.startBroker();
        Client client = lab.addClient();
        client.start();
        client.awaitUp();
        client.awaitTraffic();

        first.process().signal("TERM");
        assertThat(first.process().awaitExit(Duration.ofSeconds(20)))
                .as("exit status")
                .hasValue(0);
        assertThat(client.mtu()).as("the client's interface").isEmpty();
        lab.startBroker();
        long readyNanos = System.nanoTime();
        lab.await()
                .until(
                        Duration.ofSeconds(40),
                        "the client's session on the new broker",
                        () -> lab.hooks().begun("session.up", client.uuid()).size() == 2);
        assertThat(since(readyNanos))
                .as("back after the broker's restart")
                .isLessThan(lab.allowance(KEEPALIVE_AND_TWO));
        client.awaitTraffic();
    }

    private static Duration since(long thenNanos) {
        return Duration.ofNanos(System.nanoTime() - thenNanos);
    }
}
