// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.lab.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.tunneldigger.lab.BrokerProcess;
import org.tunneldigger.lab.Client;
import org.tunneldigger.lab.Lab;
import org.tunneldigger.lab.LabProcess;
import org.tunneldigger.lab.Namespace;
import org.tunneldigger.lab.PluginJar;

/** A client asks for a downstream limit and gets it. */
@InLab
@Tag("long")
@Isolated("a neighbour would take from what is measured")
final class LimitScenario {
    private static final int LIMIT_KBIT = 4_000;
    /** The limit counts Ethernet frames; of a full one of 1460 bytes TCP's payload is 1394. */
    private static final double PAYLOAD_SHARE = 1394.0 / 1460;

    private static final String PROFILE = """
            package org.example.limits;

            import org.pf4j.Extension;
            import org.tunneldigger.api.event.*;
            import org.tunneldigger.api.hook.SessionProfileHook;

            @Extension
            public class Limits implements SessionProfileHook {
                @Override
                public SessionProfile profile(SessionRequest request) {
                    return SessionProfile.none().withDownBitsPerSecond(4_000_000).withUpBitsPerSecond(2_000_000);
                }
            }
            """;

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

    /** A plugin's profile limits both ways; needs a kernel with a classifier, as the guest's. */
    @Test
    void profileLimitsBothWays(Lab lab) throws Exception {
        assumeTrue(kernelHasClassifier(lab), "this kernel has no matchall classifier");
        Path jars = Files.createDirectories(lab.file("plugins"));
        PluginJar.drop(PluginJar.make("limits", "org.example.limits.Limits", PROFILE, lab.file("workshop")), jars);
        BrokerProcess broker = lab.startBroker(lab.settings().with("plugins", "directory", jars.toString()));
        Client client = lab.addClient();
        client.start();
        client.awaitUp();
        client.awaitTraffic();
        assertThat(broker.log()).contains("upstream limited to 2000 kbit/s");
        double downstream = measure(lab, lab.broker(), client.namespace(), client.tunnelAddress());
        double upstream = measure(lab, client.namespace(), lab.broker(), Lab.GATEWAY);
        assertThat(downstream / PAYLOAD_SHARE)
                .as("bit/s to the client")
                .isCloseTo(4_000_000.0, Percentage.withPercentage(10));
        // A policer drops instead of queueing: TCP stays below the rate, and the burst at the start lies before the
        // measurement.
        assertThat(upstream / PAYLOAD_SHARE).as("bit/s from the client").isBetween(1_000_000.0, 2_200_000.0);
    }

    private static boolean kernelHasClassifier(Lab lab) {
        boolean has = succeeds(lab, "qdisc", "add", "dev", "wan", "ingress")
                && succeeds(lab, "filter", "add", "dev", "wan", "parent", "ffff:", "matchall", "action", "drop");
        succeeds(lab, "qdisc", "del", "dev", "wan", "ingress");
        return has;
    }

    private static boolean succeeds(Lab lab, String... words) {
        return lab.broker()
                .shell("tc " + String.join(" ", words) + " 2>/dev/null && echo yes || :")
                .contains("yes");
    }

    private static boolean kernelHasFqCodel(Lab lab) {
        boolean has = succeeds(lab, "qdisc", "add", "dev", "wan", "root", "fq_codel");
        succeeds(lab, "qdisc", "del", "dev", "wan", "root");
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
