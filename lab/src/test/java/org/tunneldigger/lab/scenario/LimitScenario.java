// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.lab.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.tunneldigger.lab.Client;
import org.tunneldigger.lab.Lab;
import org.tunneldigger.lab.LabProcess;
import org.tunneldigger.lab.Namespace;

/** A client asks for a downstream limit and gets it. */
@InLab
@Tag("long")
@Isolated("a neighbour would take from what is measured")
final class LimitScenario {
    private static final int LIMIT_KBIT = 4_000;
    /** The limit counts Ethernet frames; of a full one of 1460 bytes TCP's payload is 1394. */
    private static final double PAYLOAD_SHARE = 1394.0 / 1460;

    private static final Pattern RECEIVED =
            Pattern.compile("\"sum_received\"\\s*:\\s*\\{[^}]*\"bits_per_second\"\\s*:\\s*([0-9.e+]+)");

    @Test
    void downstreamKeepsToTheLimit(Lab lab) {
        lab.startBroker();
        Client client = lab.addClient();
        client.start(Lab.BROKER_V4 + ":" + Lab.PORT, "-L", Integer.toString(LIMIT_KBIT));
        String port = client.awaitUp().interfaceName();
        client.awaitTraffic();
        String leaf = kernelHasFqCodel(lab) ? "fq_codel" : "fifo";
        lab.await().until(Duration.ofSeconds(10), "htb and its leaf " + leaf + " on " + port, () -> {
            String disciplines =
                    lab.broker().command("tc", "qdisc", "show", "dev", port).output();
            return disciplines.contains("htb 1: root") && disciplines.contains(leaf);
        });

        double downstream = measure(lab, lab.broker(), client.namespace(), client.tunnelAddress());
        assertThat(downstream / PAYLOAD_SHARE)
                .as("bit/s on the interface while TCP pulls all it can")
                .isCloseTo(LIMIT_KBIT * 1000.0, Percentage.withPercentage(10));
    }

    private static boolean kernelHasFqCodel(Lab lab) {
        boolean has = lab.broker()
                        .command("tc", "qdisc", "add", "dev", "wan", "root", "fq_codel")
                        .run()
                        .status()
                == 0;
        lab.broker().command("tc", "qdisc", "del", "dev", "wan", "root").run();
        return has;
    }

    private static double measure(Lab lab, Namespace sender, Namespace receiver, String address) {
        Path log = lab.file("iperf-server.log");
        LabProcess server = LabProcess.start("iperf3 server", receiver, log, "iperf3", "-s", "-1", "--forceflush");
        lab.resource(server);
        lab.await()
                .until(
                        Duration.ofSeconds(10),
                        "the iperf3 server listens",
                        () -> server.output().contains("listening"));
        String report = sender.command("iperf3", "-c", address, "-t", "6", "-O", "2", "-J")
                .output();
        Matcher matcher = RECEIVED.matcher(report);
        assertThat(matcher.find()).as("a figure in the report:\n" + report).isTrue();
        return Double.parseDouble(matcher.group(1));
    }
}
