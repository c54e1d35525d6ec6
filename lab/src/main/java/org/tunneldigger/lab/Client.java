// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A router's end: its namespace, and the client program in it, started and stopped at will. */
public final class Client {
    /** The tunnel's interface here. */
    public static final String INTERFACE = "td0";

    private static final Pattern RECEIVED = Pattern.compile("(\\d+) received");

    private static final Duration UP_LIMIT = Duration.ofSeconds(30);

    private final Lab lab;
    private final int number;
    private final Namespace namespace;
    private final Line line;
    private int starts;
    private @Nullable Path resolverFile;

    Client(Lab lab, int number, Namespace namespace) {
        this.lab = lab;
        this.number = number;
        this.namespace = namespace;
        this.line = new Line(number, namespace, lab.router());
    }

    public Namespace namespace() {
        return namespace;
    }

    /** What joins it to the router. */
    public Line line() {
        return line;
    }

    public String uuid() {
        return "lab-client-" + number;
    }

    /** Its address on the underlay. */
    public String address() {
        return "10.64." + number + ".1";
    }

    /** The router's address that it sees, where a relay listens. */
    public String routerAddress() {
        return "10.64." + number + ".254";
    }

    /** Its address in the tunnel. */
    public String tunnelAddress() {
        return "10.99.1." + number;
    }

    /** Starts the program towards the broker over IPv4. */
    public LabProcess start() {
        return start(Lab.BROKER_V4 + ":" + Lab.PORT);
    }

    /**
     * Starts the program.
     *
     * @param broker as its option {@code -b} takes it
     * @param options more of its options
     */
    public LabProcess start(String broker, String... options) {
        return startWith("-b", broker, options);
    }

    /**
     * Starts the program with brokers from SRV records.
     *
     * @param service as its option {@code --srv} takes it
     * @param options more of its options
     */
    public LabProcess startByService(String service, String... options) {
        return startWith("--srv", service, options);
    }

    private LabProcess startWith(String option, String value, String... options) {
        String hook = lab.file("client-hook-" + number).toString();
        // Addresses are left alone where they stand already: after a reconnect the interface may be the same or a new
        // one.
        lab.write(hook, """
                #!/bin/sh
                case $1 in
                  session.up) ip address replace %s/16 dev "$2"; ip link set dev "$2" up ;;
                esac
                """.formatted(tunnelAddress()));
        var words = new ArrayList<>(List.of(
                lab.checkout().resolve("client/tunneldigger").toString(),
                "-f",
                "-u",
                uuid(),
                "-i",
                INTERFACE,
                "-s",
                hook,
                "--datapath",
                lab.datapath(),
                // in place of one for each interface's name, which all labs share
                "--status-socket",
                lab.file("client-status-" + number).toString(),
                option,
                value));
        words.addAll(List.of(options));
        starts++;
        return lab.process(LabProcess.start(
                "client " + number,
                namespace,
                lab.file("client-" + number + "-" + starts + ".log"),
                resolving(words).toArray(String[]::new)));
    }

    /** From its next start on the program resolves names by this server. */
    public void resolveBy(NameServer server) {
        try {
            resolverFile =
                    Files.writeString(lab.file("resolv.conf-" + number), "nameserver " + server.address() + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The addresses of a name as programs here are told them, one a line; empty when there is none. */
    public String resolve(String name) {
        List<String> words =
                resolving(List.of("sh", "-c", "getent ahosts " + name + " | awk '$2 == \"DGRAM\" { print $1 }'"));
        return namespace.command(words.toArray(String[]::new)).output();
    }

    /** The command with the name server in place; `ip netns exec` has given it a mount namespace of its own for that. */
    private List<String> resolving(List<String> words) {
        if (resolverFile == null) {
            return words;
        }
        var all = new ArrayList<>(
                List.of("sh", "-ec", "mount --bind \"$0\" /etc/resolv.conf; exec \"$@\"", resolverFile.toString()));
        all.addAll(words);
        return all;
    }

    /** Waits until the broker's session.up hook has run to its end for this client a number of times in all. */
    public HookEvent awaitUp(int times) {
        return lab.await().value(UP_LIMIT, "session.up number " + times + " of " + uuid(), () -> {
            List<HookEvent> ups = lab.hooks().ended("session.up", uuid());
            return ups.size() >= times ? Optional.of(ups.get(times - 1)) : Optional.empty();
        });
    }

    public HookEvent awaitUp() {
        return awaitUp(1);
    }

    /** Waits until the gateway answers through the tunnel. */
    public void awaitTraffic() {
        awaitTraffic(UP_LIMIT);
    }

    public void awaitTraffic(Duration limit) {
        lab.await().until(limit, uuid() + " reaches the gateway through the tunnel", () -> pings(Lab.GATEWAY, 56));
    }

    /** One ping that must not be fragmented, with a second's patience; in the emulated guest a far broker alone needs two. */
    public boolean pings(String address, int payloadBytes) {
        return namespace
                        .command(
                                "ping",
                                "-n",
                                "-c",
                                "1",
                                "-W",
                                Boolean.getBoolean("lab.emulated") ? "5" : "1",
                                "-M",
                                "do",
                                "-s",
                                Integer.toString(payloadBytes),
                                address)
                        .run()
                        .status()
                == 0;
    }

    /** How many of a row of pings stayed without an answer. */
    public int pingsLost(String address, int count) {
        String report = namespace
                .command("ping", "-n", "-c", Integer.toString(count), "-i", "0.2", "-W", "2", address)
                .run()
                .output();
        Matcher received = RECEIVED.matcher(report);
        return count - (received.find() ? Integer.parseInt(received.group(1)) : 0);
    }

    /** The MTU of the tunnel's interface, empty when there is none. */
    public OptionalInt mtu() {
        return namespace.mtu(INTERFACE);
    }
}
