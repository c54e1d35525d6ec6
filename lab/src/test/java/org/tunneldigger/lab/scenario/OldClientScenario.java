// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.lab.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.tunneldigger.lab.Client;
import org.tunneldigger.lab.ControlPacket;
import org.tunneldigger.lab.DataPacket;
import org.tunneldigger.lab.HookEvent;
import org.tunneldigger.lab.Lab;
import org.tunneldigger.lab.ScriptedPeer;

/** A client of before the feature flags: both ends use session id 1. */
@InLab
final class OldClientScenario {
    private static final String UUID = "old-client";

    @Test
    void dataPassesWithSessionIdOneBothWays(Lab lab) {
        lab.startBroker();
        ScriptedPeer peer = lab.resource(ScriptedPeer.open(lab.addClient().namespace()));
        HookEvent up = connect(lab, peer, UUID, 7, OptionalInt.empty(), 4);
        assertThat(up.arguments().get(1)).as("session id").isEqualTo("1");
        assertThat(up.interfaceName()).isEqualTo("l2tp" + up.tunnelId() + "-1");

        assertAnswersArp(peer, 1, 1);
    }

    @Test
    void twoOldClientsAndANewOneLiveTogether(Lab lab) {
        lab.startBroker();
        Client machine = lab.addClient();
        ScriptedPeer first = lab.resource(ScriptedPeer.open(machine.namespace()));
        ScriptedPeer second = lab.resource(ScriptedPeer.open(machine.namespace()));
        ScriptedPeer third = lab.resource(ScriptedPeer.open(machine.namespace()));
        connect(lab, first, "old-1", 1, OptionalInt.empty(), 4);
        connect(lab, second, "old-2", 1, OptionalInt.empty(), 4);
        HookEvent modern = connect(lab, third, "new", 33, OptionalInt.of(1), 8);

        assertAnswersArp(first, 1, 1);
        assertAnswersArp(second, 1, 1);
        assertAnswersArp(third, modern.tunnelId(), 33);
    }

    @Test
    void aRepeatedPrepareIsAnsweredWithTheSameFlags(Lab lab) {
        lab.startBroker();
        ScriptedPeer peer = lab.resource(ScriptedPeer.open(lab.addClient().namespace()));
        peer.send(ControlPacket.request(ControlPacket.COOKIE));
        byte[] cookie = peer.awaitControl(ControlPacket.COOKIE).payload();
        ControlPacket prepare = ControlPacket.prepare(cookie, UUID, 5, OptionalInt.of(1));
        peer.send(prepare);
        ControlPacket first = peer.awaitControl(ControlPacket.TUNNEL);
        peer.send(prepare);
        assertThat(peer.awaitControl(ControlPacket.TUNNEL)).isEqualTo(first);

        // a different uuid on the same endpoint is refused, and the tunnel stays
        peer.send(ControlPacket.prepare(cookie, "another", 5, OptionalInt.of(1)));
        assertThat(peer.awaitControl(ControlPacket.ERROR).payload()).isEmpty();
        HookEvent up = awaitUp(lab, UUID);
        assertAnswersArp(peer, up.tunnelId(), 5);
    }

    private static HookEvent connect(
            Lab lab, ScriptedPeer peer, String uuid, int tunnelId, OptionalInt flags, int answerLength) {
        ScriptedPeer.Tunnel tunnel = peer.handshake(uuid, tunnelId, flags);
        assertThat(tunnel.answer().payload()).as("TUNNEL, flags only if asked").hasSize(answerLength);
        HookEvent up = awaitUp(lab, uuid);
        assertThat(up.tunnelId()).isEqualTo(tunnel.brokerId());
        return up;
    }

    private static HookEvent awaitUp(Lab lab, String uuid) {
        return lab.await()
                .value(
                        Duration.ofSeconds(10),
                        "session.up of " + uuid,
                        () -> lab.hooks().ended("session.up", uuid).stream().findFirst());
    }

    /** Asks the bridge for its address by ARP through the tunnel and looks at the answer's session id. */
    private static void assertAnswersArp(ScriptedPeer peer, long brokerSession, long peerSession) {
        peer.send(DataPacket.encode(brokerSession, DataPacket.arpRequest("10.99.7.7", Lab.GATEWAY)));
        byte[] answer = peer.await("ARP reply", DataPacket::isArpReply);
        assertThat(DataPacket.sessionId(answer))
                .as("session id towards the peer")
                .isEqualTo(peerSession);
    }
}
