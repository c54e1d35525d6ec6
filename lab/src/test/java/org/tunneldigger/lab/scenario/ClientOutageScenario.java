// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.lab.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tunneldigger.lab.BrokerProcess;
import org.tunneldigger.lab.Client;
import org.tunneldigger.lab.HookEvent;
import org.tunneldigger.lab.Lab;
import org.tunneldigger.lab.LabProcess;

/** Several clients, each with a misfortune of its own that lasts for minutes; at the same time, since most of it is waiting. */
@InLab
@Tag("long")
final class ClientOutageScenario {
    private static final String FIRST = Lab.BROKER_V4 + ":" + Lab.PORT;
    private static final String OTHER = Lab.OTHER_BROKER_V4 + ":" + Lab.PORT;
    private static final String HOST = "broker.lab";

    /** The client's keepalive (6 s) and the 2 s that it may take to come back: the promise after a broker's restart. */
    private static final Duration KEEPALIVE_AND_TWO = Duration.ofSeconds(8);
    /** From the line's return to the session: the client asks every 1.5 to 4.5 s. */
    private static final Duration LINE_LIMIT = Duration.ofSeconds(8);
    /** From a broker's death to the session on another: a keepalive (6 s), 7 s in which its port stays closed, and 2 s. */
    private static final Duration HEIR_LIMIT = Duration.ofSeconds(15);
    /** The kernel keeps the ICMP errors of its L2TP's sockets to itself: then it takes 60 s of silence. */
    private static final Duration KERNEL_HEIR_LIMIT = Duration.ofSeconds(65);

    /** What a client may log from the beginning of an outage to the tunnel's return, however long it was. */
    private static final int LINES = 12;

    private static final int FULL_TUNNEL = 1446;
    private static final int SMALL_PATH = 1400;
    private static final int SMALL_TUNNEL = 1346;
    /** The client measures again 30 s after the first time, then after 60 s. */
    private static final Duration NARROWED_LIMIT = Duration.ofSeconds(45);

    private static final Duration WIDENED_LIMIT = Duration.ofSeconds(120);
    private static final int PINGS = 20;

    /** A program and what it had before its misfortune. */
    private record Trial(Client client, LabProcess program, long lines, int openFiles) {
        static Trial of(Client client, LabProcess program) {
            return new Trial(client, program, program.output().lines().count(), program.openFiles());
        }
    }

    @Test
    @Timeout(value = 900, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void eachComesThroughItsMisfortune(Lab lab) {
        lab.startBroker();
        BrokerProcess other = lab.startBroker(lab.otherSettings());
        Client silent = lab.addClient();
        Client unplugged = lab.addClient();
        Client named = lab.addClient();
        Client orphan = lab.addClient();
        Client heir = lab.addClient();
        Client narrow = lab.addClient();
        Client lossy = lab.addClient();
        named.resolveBy(lab.nameServer(named).host(HOST, Lab.BROKER_V4));
        lossy.line().loss(30);
        Map<Client, LabProcess> programs = new LinkedHashMap<>();
        programs.put(lossy, lossy.start());
        for (Client client : List.of(silent, unplugged, narrow)) {
            programs.put(client, client.start());
        }
        programs.put(named, named.start(HOST + ":" + Lab.PORT));
        programs.put(orphan, orphan.start(OTHER));
        programs.put(heir, heir.start(OTHER, "-b", lab.farBroker(heir, Lab.BROKER_V4)));
        programs.keySet().forEach(Client::awaitUp);
        programs.keySet().forEach(Client::awaitTraffic);
        int lossySessions = lab.hooks().begun("session.up", lossy.uuid()).size();
        List<Trial> away = programs.entrySet().stream()
                .filter(entry -> !List.of(narrow, lossy, heir).contains(entry.getKey()))
                .map(entry -> Trial.of(entry.getKey(), entry.getValue()))
                .toList();

        assertThat(heir.awaitUp().tunnelId()).as("the nearer broker").isGreaterThanOrEqualTo(Lab.OTHER_FIRST_ID);

        long beginNanos = System.nanoTime();
        Instant begin = Instant.now();
        silent.line().loss(100);
        named.line().loss(100);
        unplugged.line().unplug();
        other.process().kill();
        narrow.line().mtu(SMALL_PATH);
        awaitMtu(lab, narrow, SMALL_TUNNEL, NARROWED_LIMIT);
        assertThat(narrow.pings(Lab.GATEWAY, SMALL_TUNNEL - 28))
                .as("full-sized ping on the narrow path")
                .isTrue();
        narrow.line().mtu(1500);

        assertThat(Duration.between(begin, awaitReturn(lab, heir)))
                .as("moved from the dead broker to another")
                .isLessThan(lab.allowance(lab.datapath().equals("tap") ? HEIR_LIMIT : KERNEL_HEIR_LIMIT));
        Duration left = lab.outage().minus(since(beginNanos));
        lab.await()
                .throughout(
                        left,
                        "every program runs on",
                        () -> programs.values().stream().allMatch(LabProcess::isAlive));
        // 60 s of silence end a tunnel
        for (Trial trial : away) {
            assertThat(trial.client().mtu())
                    .as("interface of " + trial.client().uuid())
                    .isEmpty();
        }
        Instant mended = Instant.now();
        silent.line().loss(0);
        named.line().loss(0);
        unplugged.line().plugIn();
        for (Client client : List.of(silent, unplugged, named)) {
            assertThat(Duration.between(mended, awaitReturn(lab, client)))
                    .as(client.uuid() + " back after its line")
                    .isLessThan(lab.allowance(LINE_LIMIT));
        }
        lab.startBroker(lab.otherSettings());
        Instant ready = Instant.now();
        assertThat(Duration.between(ready, awaitReturn(lab, orphan)))
                .as("back after the broker's restart")
                .isLessThan(lab.allowance(KEEPALIVE_AND_TWO));
        for (Trial trial : away) {
            assertUnharmed(lab, trial);
        }

        awaitMtu(lab, narrow, FULL_TUNNEL, WIDENED_LIMIT);
        assertThat(narrow.pings(Lab.GATEWAY, FULL_TUNNEL - 28))
                .as("full-sized ping on the mended path")
                .isTrue();
        assertThat(lab.hooks().begun("session.up", narrow.uuid()))
                .as("sessions of the narrow path")
                .hasSize(1);

        assertThat(lab.hooks().begun("session.up", lossy.uuid()))
                .as("sessions in spite of loss")
                .hasSize(lossySessions);
        assertThat(lossy.pingsLost(Lab.GATEWAY, PINGS))
                .as("pings lost of " + PINGS)
                .isLessThan(PINGS - 1);
    }

    private static void assertUnharmed(Lab lab, Trial trial) {
        trial.client().awaitTraffic();
        String log = trial.program().output();
        assertThat(log.lines().skip(trial.lines()))
                .as("what " + trial.client().uuid() + " logged from the outage on")
                .hasSizeLessThanOrEqualTo(LINES);
        lab.await()
                .until(
                        Duration.ofSeconds(10),
                        "children and descriptors of " + trial.client().uuid() + " are those of before",
                        () -> trial.program().children() == 0 && trial.program().openFiles() <= trial.openFiles());
    }

    private static Instant awaitReturn(Lab lab, Client client) {
        HookEvent up = lab.await()
                .value(
                        Duration.ofSeconds(60),
                        "the return of " + client.uuid(),
                        () -> lab.hooks().begun("session.up", client.uuid()).stream()
                                .skip(1)
                                .findFirst());
        return Instant.ofEpochSecond(0, up.nanos());
    }

    private static void awaitMtu(Lab lab, Client client, int mtu, Duration limit) {
        String there = client.awaitUp().interfaceName();
        lab.await()
                .until(
                        limit,
                        "both ends of " + client.uuid() + " have an MTU of " + mtu,
                        () -> client.mtu().orElse(0) == mtu
                                && lab.broker().mtu(there).orElse(0) == mtu);
    }

    private static Duration since(long thenNanos) {
        return Duration.ofNanos(System.nanoTime() - thenNanos);
    }
}
