// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.lab.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.tunneldigger.lab.BrokerProcess;
import org.tunneldigger.lab.BrokerSettings;
import org.tunneldigger.lab.Client;
import org.tunneldigger.lab.ControlPacket;
import org.tunneldigger.lab.Lab;
import org.tunneldigger.lab.LabProcess;
import org.tunneldigger.lab.NameServer;
import org.tunneldigger.lab.NameServer.Mood;
import org.tunneldigger.lab.UdpRelay;

/** Brokers by name, and name servers that die and come back. */
@InLab
@Tag("long")
final class ClientNamesScenario {
    private static final String HOST = "broker.lab";
    private static final String NAMED = HOST + ":" + Lab.PORT;
    private static final String SERVICE = "_tunneldigger._udp.lab";
    /** An address in the broker's network that nobody has. */
    private static final String NOBODY = "192.0.2.77";

    /** How long a tunnel may take while some other name can't be resolved: it must not wait for that one. */
    private static final Duration UNHINDERED_LIMIT = Duration.ofSeconds(3);
    /** From a name server's return to the tunnel: what is left of a selection's window, a pause, and the question. */
    private static final Duration RETURN_LIMIT = Duration.ofSeconds(16);
    /** The client's keepalive (6 s) and a second of slack. */
    private static final Duration KEEPALIVE_LIMIT = Duration.ofSeconds(7);

    /** After a broker's restart: keepalive and 2 s, as always, and 5 s for the name server to answer after all. */
    private static final Duration RECALL_LIMIT = Duration.ofSeconds(13);

    private static final Duration DEAD_SPAN = Duration.ofSeconds(16);
    private static final int RELAY_PORT = 7001;
    /** What a program may say about a name server that is away for {@link #DEAD_SPAN}. */
    private static final int LINES = 12;

    @Test
    void tunnelComesWhenTheNameServerDoesAndNeedsNoneWhileItStands(Lab lab) {
        lab.startBroker();
        Client unheard = lab.addClient();
        Client unhelped = lab.addClient();
        Client served = lab.addClient();
        List<Client> waiting = List.of(unheard, unhelped, served);
        List<NameServer> servers = List.of(
                lab.nameServer(unheard).mood(Mood.SILENT),
                lab.nameServer(unhelped).mood(Mood.FAILS),
                lab.nameServer(served).mood(Mood.SILENT));
        for (int i = 0; i < waiting.size(); i++) {
            waiting.get(i).resolveBy(servers.get(i).host(HOST, Lab.BROKER_V4).service(SERVICE, 10, 0, Lab.PORT, HOST));
        }
        List<LabProcess> programs = List.of(
                unheard.start(NAMED),
                unhelped.start(NAMED),
                served.startByService(SERVICE, "-b", NOBODY + ":" + Lab.PORT));

        // One has a broker by number too: the name that can't be resolved holds up neither its start nor its
        // keepalives.
        Client bound = lab.addClient();
        bound.resolveBy(lab.nameServer(bound).mood(Mood.SILENT));
        List<Long> keepalives = new CopyOnWriteArrayList<>();
        UdpRelay relay = lab.relay(RELAY_PORT);
        relay.fate((direction, payload) -> {
            if (direction == UdpRelay.Direction.TO_BROKER && ControlPacket.isOfType(payload, ControlPacket.KEEPALIVE)) {
                keepalives.add(System.nanoTime());
            }
            return List.of(Duration.ZERO);
        });
        long startedNanos = System.nanoTime();
        LabProcess boundProgram = bound.start(NAMED, "-b", bound.routerAddress() + ":" + RELAY_PORT);
        bound.awaitUp();
        assertThat(since(startedNanos)).as("a broker by number, up").isLessThan(lab.allowance(UNHINDERED_LIMIT));
        keepalives.add(System.nanoTime());

        lab.await()
                .throughout(
                        DEAD_SPAN,
                        "the programs wait for a name server",
                        () -> programs.stream().allMatch(LabProcess::isAlive));
        keepalives.add(System.nanoTime());
        assertThat(longestGap(keepalives)).as("between keepalives").isLessThan(lab.allowance(KEEPALIVE_LIMIT));
        assertThat(keepalives).as("start, keepalives, end").hasSizeGreaterThanOrEqualTo(4);
        for (int i = 0; i < waiting.size(); i++) {
            assertThat(servers.get(i).questions())
                    .as("questions asked meanwhile")
                    .isPositive();
            assertThat(programs.get(i).output().lines().count())
                    .as("lines said meanwhile")
                    .isLessThanOrEqualTo(LINES);
        }
        assertThat(boundProgram.children()).as("left of the resolver").isZero();

        servers.forEach(server -> server.mood(Mood.ANSWERS));
        long answersNanos = System.nanoTime();
        waiting.forEach(Client::awaitUp);
        assertThat(since(answersNanos)).as("up after the name server is back").isLessThan(lab.allowance(RETURN_LIMIT));
        waiting.forEach(Client::awaitTraffic);
    }

    @Test
    void everyAddressIsTriedAndTheLastAnswersAreKept(Lab lab) {
        int port = 8953;
        BrokerSettings settings = lab.settings().with("broker", "port", Lab.PORT + "," + port);
        BrokerProcess first = lab.startBroker(settings);
        Client byName = lab.addClient();
        Client byService = lab.addClient();
        List<NameServer> servers = List.of(
                lab.nameServer(byName).host(HOST, NOBODY, "2001:db8:b::77", Lab.BROKER_V6),
                lab.nameServer(byService)
                        .host(HOST, Lab.BROKER_V4)
                        .host("away.lab", NOBODY)
                        .service(SERVICE, 20, 0, port, HOST)
                        .service(SERVICE, 10, 0, port, "away.lab"));
        byName.resolveBy(servers.get(0));
        byService.resolveBy(servers.get(1));
        long startedNanos = System.nanoTime();
        byName.start(NAMED);
        byService.startByService(SERVICE);
        byName.awaitUp();
        String servicePort = byService.awaitUp().arguments().get(8);
        assertThat(since(startedNanos)).as("both up").isLessThan(lab.allowance(UNHINDERED_LIMIT));
        assertThat(servicePort).as("the port of the record").isEqualTo("" + port);
        byName.awaitTraffic();
        byService.awaitTraffic();

        // The others may take longer: their brokers were lost so soon that all other addresses come first.
        Client plain = lab.addClient();
        NameServer plainServer = lab.nameServer(plain).host(HOST, Lab.BROKER_V4);
        plain.resolveBy(plainServer);
        plain.start(NAMED);
        plain.awaitUp();
        plain.awaitTraffic();
        servers.forEach(server -> server.mood(Mood.SILENT));
        plainServer.mood(Mood.SILENT);
        first.process().kill();
        lab.startBroker(settings);
        long readyNanos = System.nanoTime();
        plain.awaitUp(2);
        assertThat(since(readyNanos)).as("back").isLessThan(lab.allowance(RECALL_LIMIT));
        plain.awaitTraffic();
        byName.awaitUp(2);
        byService.awaitUp(2);
        byName.awaitTraffic();
        byService.awaitTraffic();
    }

    private static Duration longestGap(List<Long> nanos) {
        long[] sorted = nanos.stream().mapToLong(Long::longValue).sorted().toArray();
        return Duration.ofNanos(Arrays.stream(java.util.stream.IntStream.range(1, sorted.length)
                        .mapToLong(i -> sorted[i] - sorted[i - 1])
                        .toArray())
                .max()
                .orElse(0));
    }

    private static Duration since(long thenNanos) {
        return Duration.ofNanos(System.nanoTime() - thenNanos);
    }
}
