// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.lab.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.tunneldigger.lab.BrokerProcess;
import org.tunneldigger.lab.Client;
import org.tunneldigger.lab.HookEvent;
import org.tunneldigger.lab.Lab;
import org.tunneldigger.lab.LabProcess;

/** Two brokers: which one a client takes, and when it takes the other. */
@InLab
@Tag("long")
final class ClientChoiceScenario {
    private static final String FIRST = Lab.BROKER_V4 + ":" + Lab.PORT;
    private static final String OTHER = Lab.OTHER_BROKER_V4 + ":" + Lab.PORT;

    /** From the broker's farewell to the session on the other. */
    private static final Duration MOVE_LIMIT = Duration.ofSeconds(2);
    /** From a refusal to the session on a broker that has room. */
    private static final Duration REFUSAL_LIMIT = Duration.ofSeconds(4);

    private static final Duration OLDER_THAN_BROKEN = Duration.ofSeconds(16);

    @Test
    void clientsOfABrokerThatClosesMoveAtOnce(Lab lab) {
        BrokerProcess leaving = lab.startBroker();
        lab.startBroker(lab.otherSettings());
        Client resident = lab.addClient();
        resident.start(OTHER);
        resident.awaitUp();
        // One takes the leaving broker for its lower usage, one for its shorter way.
        Client thrifty = lab.addClient();
        thrifty.start(FIRST, "-b", OTHER, "-a");
        thrifty.awaitUp();
        Client hasty = lab.addClient();
        hasty.start(FIRST, "-b", lab.farBroker(hasty, Lab.OTHER_BROKER_V4), "-g");
        hasty.awaitUp();
        // A tunnel that is lost sooner counts as broken, whatever the broker says.
        lab.await()
                .throughout(
                        OLDER_THAN_BROKEN,
                        "the tunnels stand",
                        () -> thrifty.mtu().isPresent() && hasty.mtu().isPresent());
        // A broker that takes its time to go still hears, and must not be taken again.
        lab.hooks().action("session.pre-down", "case $3 in l2tp1*) sleep 3 ;; esac");

        leaving.process().signal("TERM");
        long closedNanos = System.nanoTime();
        for (Client client : List.of(thrifty, hasty)) {
            HookEvent up = awaitBegun(lab, client, 2);
            assertThat(client.awaitUp(1).tunnelId()).as("its first session").isLessThan(Lab.OTHER_FIRST_ID);
            assertThat(up.tunnelId()).as("its second").isGreaterThanOrEqualTo(Lab.OTHER_FIRST_ID);
        }
        assertThat(since(closedNanos)).as("both have moved").isLessThan(lab.allowance(MOVE_LIMIT));
        thrifty.awaitTraffic();
        hasty.awaitTraffic();
        assertThat(leaving.process().awaitExit(Duration.ofSeconds(20)))
                .as("exit status")
                .hasValue(0);
        for (Client client : List.of(thrifty, hasty)) {
            assertThat(lab.hooks().begun("session.up", client.uuid()))
                    .as("one move")
                    .hasSize(2);
        }
    }

    @Test
    void leastUsageIsASharedMeasureAndAFullBrokerSendsClientsOn(Lab lab) {
        lab.startBroker(lab.settings().with("broker", "max_tunnels", "2"));
        lab.startBroker(lab.otherSettings().with("broker", "max_tunnels", "8"));
        Client resident = lab.addClient();
        resident.start(OTHER);
        resident.awaitUp();

        // 0 of 2 against 1 of 8, then 1 of 2 against 1 of 8: neither the order of the options decides nor the count.
        assertThat(sessionOfLeastUsage(lab, OTHER, FIRST)).isLessThan(Lab.OTHER_FIRST_ID);
        assertThat(sessionOfLeastUsage(lab, FIRST, OTHER)).isGreaterThanOrEqualTo(Lab.OTHER_FIRST_ID);

        Client last = lab.addClient();
        last.start(FIRST);
        last.awaitUp();
        Client client = lab.addClient();
        LabProcess program = client.start(FIRST, "-b", lab.farBroker(client, Lab.OTHER_BROKER_V4), "-g");
        lab.await()
                .until(
                        Duration.ofSeconds(15),
                        "the full broker has refused",
                        () -> program.output().contains("refused"));
        long refusedNanos = System.nanoTime();
        HookEvent up = awaitBegun(lab, client, 1);
        assertThat(since(refusedNanos)).as("taken in elsewhere").isLessThan(lab.allowance(REFUSAL_LIMIT));
        assertThat(up.tunnelId()).as("a session of the other").isGreaterThanOrEqualTo(Lab.OTHER_FIRST_ID);
        client.awaitTraffic();
        last.awaitTraffic();
        assertThat(lab.hooks().begun("session.up", last.uuid()))
                .as("sessions of the last that it took")
                .hasSize(1);
    }

    private static int sessionOfLeastUsage(Lab lab, String broker, String other) {
        Client client = lab.addClient();
        client.start(broker, "-b", other, "-a");
        return client.awaitUp().tunnelId();
    }

    private static HookEvent awaitBegun(Lab lab, Client client, int times) {
        lab.await()
                .until(
                        Duration.ofSeconds(40),
                        "session.up number " + times + " of " + client.uuid(),
                        () -> lab.hooks().begun("session.up", client.uuid()).size() >= times);
        return lab.hooks().begun("session.up", client.uuid()).get(times - 1);
    }

    private static Duration since(long thenNanos) {
        return Duration.ofNanos(System.nanoTime() - thenNanos);
    }
}
