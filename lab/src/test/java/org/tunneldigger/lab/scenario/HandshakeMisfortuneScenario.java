// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.lab.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.tunneldigger.lab.Client;
import org.tunneldigger.lab.ControlPacket;
import org.tunneldigger.lab.Lab;
import org.tunneldigger.lab.UdpRelay;
import org.tunneldigger.lab.UdpRelay.Direction;

/** Each message of the handshake in turn is lost, comes twice, or comes late and out of order. All at once, a client each. */
@InLab
@Tag("long")
@Isolated("so many clients would starve a neighbour")
final class HandshakeMisfortuneScenario {
    /** Later than the client's retry, so that the retry's answer overtakes it. */
    private static final Duration LATE = Duration.ofMillis(3_500);

    private enum Misfortune {
        LOST(List.of()),
        DOUBLED(List.of(Duration.ZERO, Duration.ofMillis(5))),
        LATE_AND_OVERTAKEN(List.of(LATE));

        private final List<Duration> delays;

        Misfortune(List<Duration> delays) {
            this.delays = delays;
        }
    }

    private enum Step {
        USAGE_REQUEST(Direction.TO_BROKER, ControlPacket.USAGE),
        USAGE_ANSWER(Direction.TO_CLIENT, ControlPacket.USAGE),
        COOKIE_REQUEST(Direction.TO_BROKER, ControlPacket.COOKIE),
        COOKIE_ANSWER(Direction.TO_CLIENT, ControlPacket.COOKIE),
        PREPARE(Direction.TO_BROKER, ControlPacket.PREPARE),
        TUNNEL(Direction.TO_CLIENT, ControlPacket.TUNNEL);

        private final Direction direction;
        private final int type;

        Step(Direction direction, int type) {
            this.direction = direction;
            this.type = type;
        }
    }

    private record Case(Step step, Misfortune misfortune, Client client, AtomicInteger struck) {}

    @Test
    void everyStepSurvivesLossDoublingAndDelay(Lab lab) {
        lab.startBroker();
        List<Case> cases = new ArrayList<>();
        for (Step step : Step.values()) {
            for (Misfortune misfortune : Misfortune.values()) {
                cases.add(start(lab, step, misfortune));
            }
        }
        for (Case each : cases) {
            String name = each.step() + " " + each.misfortune();
            each.client().awaitUp();
            each.client().awaitTraffic();
            assertThat(each.struck()).as(name + ": packets struck").hasPositiveValue();
        }
        // what comes late has come by now
        lab.await()
                .throughout(
                        LATE,
                        "no session ends",
                        () -> lab.hooks().events().stream()
                                .noneMatch(event -> event.hook().endsWith("down")));
        for (Case each : cases) {
            assertThat(lab.hooks().begun("session.up", each.client().uuid()))
                    .as("sessions of " + each.step() + " " + each.misfortune())
                    .hasSize(1);
            assertThat(each.client().pingsLost(Lab.GATEWAY, 3))
                    .as("pings lost of " + each.step() + " " + each.misfortune())
                    .isZero();
        }
    }

    private static Case start(Lab lab, Step step, Misfortune misfortune) {
        Client client = lab.addClient();
        int port = 7_000 + step.ordinal() * Misfortune.values().length + misfortune.ordinal();
        var struck = new AtomicInteger();
        UdpRelay relay = lab.relay(port);
        relay.fate((direction, payload) -> {
            boolean hit = direction == step.direction
                    && ControlPacket.isOfType(payload, step.type)
                    && struck.compareAndSet(0, 1);
            return hit ? misfortune.delays : List.of(Duration.ZERO);
        });
        client.start(client.routerAddress() + ":" + port);
        return new Case(step, misfortune, client, struck);
    }
}
