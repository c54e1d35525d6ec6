// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.lab.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.tunneldigger.lab.BrokerProcess;
import org.tunneldigger.lab.Client;
import org.tunneldigger.lab.ControlPacket;
import org.tunneldigger.lab.HookEvent;
import org.tunneldigger.lab.Lab;
import org.tunneldigger.lab.ScriptedPeer;

/** A path that swallows large packets without a word, as a PPPoE or tunnelled uplink does. */
@InLab
final class PathMtuScenario {
    private static final int SMALL_PATH = 1400;
    private static final int SMALL_TUNNEL = 1346;
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final int PING_HEADERS = 28;
    /** A session's first second: the broker settles the MTU within it. */
    private static final Duration SETTLING_LIMIT = Duration.ofSeconds(1);

    private static final Duration QUIET_SPAN = Duration.ofSeconds(5);

    @Test
    void smallPathIsSettledWithinASecondAndSaidOnce(Lab lab) {
        lab.pathMtu(SMALL_PATH);
        BrokerProcess broker = lab.startBroker();
        Client client = lab.addClient();
        client.start();

        HookEvent up = lab.await()
                .value(
                        Duration.ofSeconds(30),
                        "session.up",
                        () -> lab.hooks().begun("session.up", client.uuid()).stream()
                                .findFirst());
        lab.await()
                .until(
                        Duration.ofSeconds(15),
                        "both ends have an MTU of " + SMALL_TUNNEL,
                        () -> lab.hooks()
                                                .ended("session.mtu-changed", client.uuid())
                                                .size()
                                        == 1
                                && lab.broker().mtu(up.interfaceName()).orElse(0) == SMALL_TUNNEL
                                && client.mtu().orElse(0) == SMALL_TUNNEL);
        Duration settled = Duration.ofNanos(nowWallNanos() - up.nanos());
        assertThat(settled)
                .as("from session.up to the MTU on both ends, hooks included")
                .isLessThan(lab.allowance(SETTLING_LIMIT));
        assertThat(Duration.between(broker.logged("session 100 up"), broker.logged("session 100: MTU 1446 -> 1346")))
                .as("from the session to its MTU by the broker's log")
                .isLessThan(SETTLING_LIMIT);

        client.awaitTraffic();
        assertThat(client.pings(Lab.GATEWAY, SMALL_TUNNEL - PING_HEADERS))
                .as("full-sized ping")
                .isTrue();
        lab.await().throughout(QUIET_SPAN, "the MTU stays", () -> client.mtu().orElse(0) == SMALL_TUNNEL);
        List<HookEvent> changes = lab.hooks().begun("session.mtu-changed", client.uuid());
        assertThat(changes).as("one change, one hook").hasSize(1);
        assertThat(changes.get(0).arguments())
                .containsExactly(
                        "" + up.tunnelId(), up.arguments().get(1), up.interfaceName(), "1446", "1346", client.uuid());
    }

    /** Deployed clients begin to probe 15 s after their start; until then the broker's own probes have to do. */
    @Test
    void brokerSettlesItForAClientThatDoesNotProbe(Lab lab) {
        BrokerProcess broker = lab.startBroker();
        ScriptedPeer peer = lab.resource(ScriptedPeer.open(lab.addClient().namespace()));
        peer.acknowledgeProbes(SMALL_PATH - PING_HEADERS);
        peer.handshake("quiet", 1, OptionalInt.of(1));
        ControlPacket notice = peer.awaitControl(ControlPacket.PMTU_NTFY);
        assertThat(notice.field(0, 2)).as("the MTU that the peer is told").isEqualTo(SMALL_TUNNEL);
        lab.await()
                .until(
                        LIMIT,
                        "the hook",
                        () -> !lab.hooks().ended("session.mtu-changed", "quiet").isEmpty());
        assertThat(Duration.between(broker.logged("session 100 up"), broker.logged("session 100: MTU 1446 -> 1346")))
                .as("from the session to its MTU")
                .isLessThan(SETTLING_LIMIT);
        lab.await()
                .throughout(
                        Duration.ofSeconds(3),
                        "it stays at one change",
                        () -> lab.hooks().begun("session.mtu-changed", "quiet").size() == 1);
    }

    @Test
    void fullPathChangesNothing(Lab lab) {
        lab.startBroker();
        Client client = lab.addClient();
        client.start();
        client.awaitUp();
        client.awaitTraffic();
        lab.await()
                .throughout(
                        QUIET_SPAN, "the client's MTU stays", () -> client.mtu().orElse(0) == 1446);
        assertThat(lab.hooks().begun("session.mtu-changed", client.uuid())).isEmpty();
    }

    private static long nowWallNanos() {
        var now = java.time.Instant.now();
        return now.getEpochSecond() * 1_000_000_000L + now.getNano();
    }
}
