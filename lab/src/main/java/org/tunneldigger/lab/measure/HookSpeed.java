// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.lab.measure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import org.tunneldigger.lab.BrokerProcess;
import org.tunneldigger.lab.BrokerSettings;
import org.tunneldigger.lab.Lab;
import org.tunneldigger.lab.LabProcess;

/**
 * How many sessions a second come up, bridged, isolated and routed: by the native plugin, by the example scripts, and, with neither
 * handshake nor broker, by {@code ip -batch} with the same work for the kernel. All in one run, as only the ratios mean anything.
 *
 * <p>Arguments: sessions natively and by ip, sessions by the scripts, runs.
 */
public final class HookSpeed {
    private static final String BRIDGE = "digger1446";
    /** The broker's own first. */
    private static final int FIRST_ID = 100;

    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private HookSpeed() {}

    private interface Way {
        double seconds(Lab lab, int sessions) throws IOException;
    }

    public static void main(String[] arguments) throws Exception {
        int many = Integer.parseInt(arguments[0]);
        int few = Integer.parseInt(arguments[1]);
        int runs = Integer.parseInt(arguments[2]);
        double batch = report("ip -batch, no handshake", HookSpeed::byBatch, many, runs);
        double carrier = report("ip -batch, ports in use", HookSpeed::byBatchInUse, many, runs);
        double bare =
                report("broker, no hooks", (lab, count) -> byBroker(lab, lab.bareSettings(), count, false), many, runs);
        double natively = report("broker, bridge-per-mtu", HookSpeed::natively, many, runs);
        double scripts = report("broker, example scripts", HookSpeed::byScripts, few, runs);
        System.out.printf(
                Locale.ROOT,
                "native to ip -batch %.2f, in use %.2f, native to scripts %.1f, bare to ip -batch %.2f%n",
                natively / batch,
                natively / carrier,
                natively / scripts,
                bare / batch);
    }

    private static double report(String name, Way way, int sessions, int runs) throws IOException {
        double[] rates = new double[runs];
        for (int i = 0; i < runs; i++) {
            try (Lab lab = Lab.open()) {
                rates[i] = sessions / way.seconds(lab, sessions);
            }
        }
        Arrays.sort(rates);
        double median = rates[runs / 2];
        System.out.printf(
                Locale.ROOT,
                "%-26s %5d sessions: %8.1f /s (median of %d, %.1f to %.1f)%n",
                name,
                sessions,
                median,
                runs,
                rates[0],
                rates[runs - 1]);
        return median;
    }

    private static double natively(Lab lab, int sessions) {
        return byBroker(
                lab,
                lab.bareSettings()
                        .with("plugins", "enabled", "bridge-per-mtu")
                        .with("plugin.bridge-per-mtu", "address", "10.254.0.2/16")
                        .with("plugin.bridge-per-mtu", "rule_table", "142"),
                sessions,
                true);
    }

    private static double byScripts(Lab lab, int sessions) {
        BrokerSettings settings = lab.bareSettings();
        for (String hook : List.of("session.up", "session.mtu-changed", "session.down")) {
            String wrapper = lab.file("example-" + hook).toString();
            lab.write(wrapper, """
                    #!/bin/sh
                    export TUNNELDIGGER_RULE_TABLE=142 TUNNELDIGGER_BRIDGE_LOCK=%s
                    exec %s/scripts/hooks/%s.sh "$@"
                    """.formatted(lab.file("bridges.lock"), lab.checkout(), hook));
            settings = settings.with("hooks", hook, wrapper);
        }
        return byBroker(lab, settings.with("broker", "hook_timeout", "120"), sessions, true);
    }

    private static double byBroker(Lab lab, BrokerSettings settings, int sessions, boolean bridged) {
        BrokerProcess broker = bareBroker(lab, settings, sessions);
        LabProcess crowd = crowd(lab, sessions);
        double ready = bridged ? awaitPorts(lab, sessions) : awaitStanding(lab, crowd);
        double asking = said(crowd, "asking").orElseThrow();
        end(broker);
        return ready - asking;
    }

    private static BrokerProcess bareBroker(Lab lab, BrokerSettings settings, int sessions) {
        return lab.startBroker(settings.with("broker", "max_tunnels", Integer.toString(sessions + 1))
                .with("log", "verbosity", "INFO"));
    }

    /** Routers that ask for tunnels from now on: a small program of C, as a JVM that is cold would take much from what is measured. */
    private static LabProcess crowd(Lab lab, int sessions) {
        return lab.process(LabProcess.start(
                "crowd",
                lab.addClient().namespace(),
                lab.file("crowd.out"),
                lab.checkout().resolve("bench/target/crowd").toString(),
                Lab.BROKER_V4,
                Integer.toString(Lab.PORT),
                Integer.toString(sessions)));
    }

    /** When all of them have a tunnel, in seconds since the epoch. */
    private static double awaitStanding(Lab lab, LabProcess crowd) {
        return lab.await().value(PATIENCE, "all have a tunnel", () -> said(crowd, "standing"));
    }

    /** The time that follows this word in what the crowd says. */
    private static Optional<Double> said(LabProcess crowd, String word) {
        return crowd.output()
                .lines()
                .filter(line -> line.startsWith(word + " "))
                .map(line -> Double.valueOf(line.substring(word.length() + 1)))
                .findFirst();
    }

    private static void end(BrokerProcess broker) {
        broker.process().signal("TERM");
        broker.process().awaitExit(Duration.ofSeconds(60));
    }

    private static double byBatch(Lab lab, int sessions) throws IOException {
        makeBridge(lab);
        var commands = new StringBuilder();
        for (String port : ports(sessions)) {
            create(lab, port, commands);
            attach(port, commands);
        }
        double seconds = batch(lab, commands);
        awaitPorts(lab, sessions);
        return seconds;
    }

    /**
     * The same work on interfaces that somebody holds: a TAP device that nobody has open has no carrier, and the kernel does little for
     * such a port. Creation is timed apart, on devices that go again; nothing of broker or handshake is in the sum.
     */
    private static double byBatchInUse(Lab lab, int sessions) throws IOException {
        var create = new StringBuilder();
        ports(sessions).forEach(port -> create(lab, port, create));
        double seconds = batch(lab, create);
        remove(lab, sessions);
        BrokerProcess broker = bareBroker(lab, lab.bareSettings(), sessions);
        awaitStanding(lab, crowd(lab, sessions));
        makeBridge(lab);
        var attach = new StringBuilder();
        ports(sessions).forEach(port -> attach(port, attach));
        seconds += batch(lab, attach);
        end(broker);
        return seconds;
    }

    private static List<String> ports(int sessions) {
        return IntStream.range(FIRST_ID, FIRST_ID + sessions)
                .mapToObj(id -> "l2tp" + id + "-" + id)
                .toList();
    }

    private static void makeBridge(Lab lab) {
        lab.broker().ip("link add " + BRIDGE + " type bridge\nlink set " + BRIDGE + " up");
    }

    private static void create(Lab lab, String port, StringBuilder commands) {
        if (lab.datapath().equals("kernel")) {
            int id = Integer.parseInt(port.substring(port.indexOf('-') + 1));
            commands.append(
                    "l2tp add tunnel local 192.0.2.1 remote 192.0.2.254 encap udp udp_sport %d udp_dport 8942 tunnel_id %d peer_tunnel_id %d%n"
                            .formatted(20_000 + id, id, id));
            commands.append("l2tp add session name %s tunnel_id %d session_id %d peer_session_id %d%n"
                    .formatted(port, id, id, id));
        } else {
            commands.append("tuntap add dev %s mode tap%n".formatted(port));
        }
    }

    private static void attach(String port, StringBuilder commands) {
        commands.append("link set %s mtu 1446 master %s%n".formatted(port, BRIDGE));
        commands.append("link set %s type bridge_slave isolated on%n".formatted(port));
        commands.append("link set %s up%n".formatted(port));
    }

    private static void remove(Lab lab, int sessions) throws IOException {
        var commands = new StringBuilder();
        for (String port : ports(sessions)) {
            if (lab.datapath().equals("kernel")) {
                commands.append("l2tp del tunnel tunnel_id %s%n".formatted(port.substring(port.indexOf('-') + 1)));
            } else {
                commands.append("link set %s group 7%n".formatted(port));
            }
        }
        if (!lab.datapath().equals("kernel")) {
            commands.append("link delete group 7\n");
        }
        batch(lab, commands);
    }

    private static double batch(Lab lab, StringBuilder commands) throws IOException {
        Path file = Files.writeString(lab.file("batch"), commands);
        long startNanos = System.nanoTime();
        lab.broker().shell("ip -batch " + file);
        return (System.nanoTime() - startNanos) / 1e9;
    }

    /**
     * Until so many ports are in the bridge; they join it isolated, and are up at once after that.
     *
     * @return when that was, in seconds since the epoch
     */
    private static double awaitPorts(Lab lab, int sessions) {
        // one process that polls, for the port that is the next to come: starting one each time, or listing all, would
        // take from what is
        // measured
        String end = lab.broker().shell("""
                mkfifo %4$s; exec bash -c 'cd /sys/class/net; exec 9<>%4$s; next=%2$d
                for _ in {1..20000}; do
                  while [ -e %1$s/brif/l2tp$next-$next ]; do
                    next=$((next + 1))
                    [ $next -lt %3$d ] || { echo $EPOCHREALTIME; exit; }
                  done
                  read -rt 0.1 -u 9 || :
                done
                exit 1'
                """.formatted(BRIDGE, FIRST_ID, FIRST_ID + sessions, lab.file("never")));
        return Double.parseDouble(end.strip());
    }
}
