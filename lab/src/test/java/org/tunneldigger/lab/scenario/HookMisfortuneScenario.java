// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.lab.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.tunneldigger.lab.BrokerProcess;
import org.tunneldigger.lab.Client;
import org.tunneldigger.lab.Lab;

/** Hook scripts that hang or fail cost their own session alone. */
@InLab
final class HookMisfortuneScenario {
    private static final Duration UNDELAYED = Duration.ofSeconds(10);
    private static final Duration SHUTDOWN_LIMIT = Duration.ofSeconds(20);

    @Test
    void aHungScriptDelaysNoOtherSession(Lab lab) {
        Client hung = lab.addClient();
        Client lucky = lab.addClient();
        lab.hooks().actionFor("session.up", hung.uuid(), "sleep 1000");
        BrokerProcess broker = lab.startBroker();
        hung.start();
        lab.await()
                .until(
                        Duration.ofSeconds(30),
                        "the script that hangs",
                        () -> !lab.hooks().begun("session.up", hung.uuid()).isEmpty());

        lucky.start();
        lab.await()
                .until(
                        lab.allowance(UNDELAYED),
                        "session.up of the other client",
                        () -> !lab.hooks().ended("session.up", lucky.uuid()).isEmpty());
        lucky.awaitTraffic();
        assertThat(lab.hooks().ended("session.up", hung.uuid()))
                .as("the first still hangs")
                .isEmpty();

        broker.process().signal("TERM");
        assertThat(broker.process().awaitExit(SHUTDOWN_LIMIT)).as("exit status").hasValue(0);
        assertThat(lab.hooks().ended("session.down", lucky.uuid())).hasSize(1);
    }

    @Test
    void aFailingScriptIsLoggedAndTheSessionLives(Lab lab) {
        Client client = lab.addClient();
        lab.hooks().action("session.up", "ip link set dev $3 mtu $4 up master br-lab; (exit 3)");
        lab.hooks().action("session.pre-down", "(exit 4)");
        BrokerProcess broker = lab.startBroker();
        client.start();
        client.awaitUp();
        client.awaitTraffic();

        broker.process().signal("TERM");
        assertThat(broker.process().awaitExit(SHUTDOWN_LIMIT)).as("exit status").hasValue(0);
        assertThat(broker.log()).as("what the log says of the failing script").contains("session.up");
        assertThat(lab.hooks().ended("session.down", client.uuid())).hasSize(1);
    }
}
