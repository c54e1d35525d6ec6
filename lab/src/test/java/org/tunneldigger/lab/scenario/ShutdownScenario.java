// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.lab.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tunneldigger.lab.BrokerProcess;
import org.tunneldigger.lab.Client;
import org.tunneldigger.lab.ControlPacket;
import org.tunneldigger.lab.HookEvent;
import org.tunneldigger.lab.Lab;
import org.tunneldigger.lab.LabProcess;
import org.tunneldigger.lab.ScriptedPeer;

/** The broker's end by signal: peers are told first, hooks get their turn, the exit is clean. */
@InLab
final class ShutdownScenario {
    private static final Duration SHUTDOWN_LIMIT = Duration.ofSeconds(20);
    private static final Duration AT_ONCE = Duration.ofSeconds(1);
    private static final int REASON_SHUTDOWN = 2;

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT"})
    void peersAreToldAtOnceAndHooksRunInOrder(String signal, Lab lab) {
        BrokerProcess broker = lab.startBroker();
        Client client = lab.addClient();
        LabProcess program = client.start();
        HookEvent up = client.awaitUp();
        client.awaitTraffic();
        ScriptedPeer peer = lab.resource(ScriptedPeer.open(client.namespace()));
        peer.handshake("peer", 9, OptionalInt.of(1));
        lab.await()
                .until(
                        Duration.ofSeconds(10),
                        "the peer's session.up",
                        () -> !lab.hooks().ended("session.up", "peer").isEmpty());
        // The slower the hooks are, the clearer that the ERROR does not wait for them.
        lab.hooks().action("session.pre-down", "sleep 2");

        broker.process().signal(signal);
        byte[] error = peer.await(
                "ERROR", bytes -> ControlPacket.isOfType(bytes, ControlPacket.ERROR), lab.allowance(AT_ONCE));
        assertThat(ControlPacket.parse(error).orElseThrow().payload()).containsExactly(REASON_SHUTDOWN);
        assertThat(broker.process().awaitExit(SHUTDOWN_LIMIT)).as("exit status").hasValue(0);

        assertThat(lab.hooks().events().stream()
                        .filter(event -> event.uuid().equals(client.uuid()))
                        .map(event -> event.hook() + (event.begin() ? " begins" : " ends")))
                .containsSubsequence(
                        "session.up begins",
                        "session.up ends",
                        "session.pre-down begins",
                        "session.pre-down ends",
                        "session.down begins",
                        "session.down ends");
        HookEvent preDown = only(lab.hooks().ended("session.pre-down", client.uuid()));
        HookEvent down = only(lab.hooks().begun("session.down", client.uuid()));
        assertThat(preDown.interfaceMtu())
                .as("the interface until pre-down's end")
                .isPresent();
        assertThat(down.interfaceMtu()).as("the interface in down").isEmpty();
        assertThat(down.arguments()).isEqualTo(preDown.arguments());
        assertThat(down.interfaceName()).isEqualTo(up.interfaceName());
        assertThat(program.isAlive()).as("the client looks for a broker again").isTrue();
    }

    @Test
    void hungHooksDontHoldTheExit(Lab lab) {
        BrokerProcess broker = lab.startBroker();
        Client client = lab.addClient();
        client.start();
        client.awaitUp();
        lab.hooks().action("session.pre-down", "sleep 1000");
        lab.hooks().action("session.down", "sleep 1000");

        broker.process().signal("TERM");
        assertThat(broker.process().awaitExit(SHUTDOWN_LIMIT)).as("exit status").hasValue(0);
        assertThat(lab.hooks().begun("session.pre-down", client.uuid())).hasSize(1);
        // not by what the script noted: the emulated guest may cut it off before its first line
        assertThat(broker.log()).as("down has its turn too").containsPattern("session\\.down for \\S+ ");
        assertThat(lab.broker().processCount())
                .as("processes left in the broker's namespace")
                .isZero();
    }

    private static HookEvent only(List<HookEvent> events) {
        assertThat(events).hasSize(1);
        return events.get(0);
    }
}
