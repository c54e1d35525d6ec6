// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;

/**
 * One scenario's world: a broker's namespace and clients' namespaces, each joined to a router by a veth pair.
 *
 * <pre>
 *   broker  192.0.2.1/24  2001:db8:b::1/64  -- router --  10.64.N.1/24  2001:db8:c:N::1/64  client N
 * </pre>
 *
 * Closing it ends every process and removes every namespace and file of it.
 */
public final class Lab implements AutoCloseable {
    public static final int PORT = 8942;
    public static final String BROKER_V4 = "192.0.2.1";
    public static final String BROKER_V6 = "2001:db8:b::1";
    /** Where {@link #otherSettings} have a second broker listen, beside the first. */
    public static final String OTHER_BROKER_V4 = "192.0.2.2";
    /** The second broker's first tunnel id, by which its sessions are known. */
    public static final int OTHER_FIRST_ID = 200;
    /** Where the broker is reachable through the tunnels: the bridge's address. */
    public static final String GATEWAY = "10.99.0.1";

    private static final int OUTAGE_SECONDS = 75;

    private static final int FAR_PORT = 7100;
    /** One way; in the emulated guest a broker may need a second for its first answer. */
    private static final Duration FAR = Duration.ofMillis(Boolean.getBoolean("lab.emulated") ? 1_000 : 150);

    private static final Duration EMULATION = Duration.ofSeconds(15);

    private final Path checkout =
            Path.of(System.getProperty("lab.checkout", ".")).toAbsolutePath();
    private final String datapath = System.getProperty("lab.datapath", "tap");
    private final Path folder;
    /** Part of the namespaces' names: labs of one process stand side by side. */
    private final String id;

    private final Namespace router;
    private final Namespace broker;
    private final HookLog hooks;
    private final List<Client> clients = new ArrayList<>();
    private final List<AutoCloseable> resources = new ArrayList<>();
    private final List<LabProcess> processes = new ArrayList<>();
    private final Await await = new Await(this::evidence);

    private Lab() throws IOException {
        folder = Files.createTempDirectory("td-lab");
        id = Integer.toHexString(ThreadLocalRandom.current().nextInt(1 << 24));
        hooks = HookLog.create(folder.resolve("hooks"));
        router = resource(Namespace.create(id + "-router"));
        broker = resource(Namespace.create(id + "-broker"));
        router.setting("ipv4/ip_forward", "1");
        router.setting("ipv6/conf/all/forwarding", "1");
        link("broker", broker, "192.0.2.", "2001:db8:b::");
        broker.ip("address add " + OTHER_BROKER_V4 + "/24 dev wan");
        // With an address of its own: else it takes the lowest of its ports', and each new port may change it under
        // the clients that have learnt it.
        broker.ip("""
                link add br-lab address 02:00:00:00:99:01 type bridge
                link set br-lab up
                address add 10.99.0.1/16 dev br-lab
                address add fd99::1/64 dev br-lab nodad""");
    }

    /** @throws IllegalStateException if the namespaces can't be made, as without root */
    public static Lab open() {
        try {
            return new Lab();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The datapath that this run is about: {@code tap} or {@code kernel}. */
    public String datapath() {
        return datapath;
    }

    public Path checkout() {
        return checkout;
    }

    public Namespace router() {
        return router;
    }

    public Namespace broker() {
        return broker;
    }

    public HookLog hooks() {
        return hooks;
    }

    /** Waits whose failures show the ends of this lab's logs. */
    public Await await() {
        return await;
    }

    /**
     * A limit that the product promises, as this run may assert it: in the emulated guest a script or a JVM needs seconds, which
     * are allowed on top.
     */
    public Duration allowance(Duration promised) {
        return Boolean.getBoolean("lab.emulated") ? promised.plus(EMULATION) : promised;
    }

    /** How long an outage lasts in this run: longer than the silence that ends a tunnel, or minutes when asked for. */
    public Duration outage() {
        return Duration.ofSeconds(Integer.getInteger("lab.outage", OUTAGE_SECONDS));
    }

    /** Adds the next client's namespace: the first is client 1. */
    public Client addClient() {
        int number = clients.size() + 1;
        Namespace namespace = resource(Namespace.create(id + "-client" + number));
        link("client" + number, namespace, "10.64." + number + ".", "2001:db8:c:" + number + "::");
        var client = new Client(this, number, namespace);
        clients.add(client);
        return client;
    }

    /** The configuration most scenarios want: both families, this run's datapath, the hook log's scripts. */
    public BrokerSettings settings() {
        return BrokerSettings.of(datapath, hooks);
    }

    /** The same without any hook. */
    public BrokerSettings bareSettings() {
        return BrokerSettings.bare(datapath);
    }

    /** The same for a second broker that runs beside the first, with an address and tunnel ids of its own. */
    public BrokerSettings otherSettings() {
        return settings()
                .with("broker", "address", OTHER_BROKER_V4)
                .with("broker", "tunnel_id_base", Integer.toString(OTHER_FIRST_ID));
    }

    /** Starts a broker and waits for it to be ready. */
    public BrokerProcess startBroker() {
        return startBroker(settings());
    }

    public BrokerProcess startBroker(BrokerSettings settings) {
        return BrokerProcess.start(this, settings).awaitReady();
    }

    /** A relay in the router that clients reach at {@code 10.64.N.254}, on a port of its own. */
    public UdpRelay relay(int port) {
        return relay(port, BROKER_V4);
    }

    /** The same, towards another broker's address. */
    public UdpRelay relay(int port, String brokerAddress) {
        return resource(UdpRelay.open(router, port, brokerAddress, PORT));
    }

    /** What to name a client a broker by that is so far away that a near one is always heard before it. */
    public String farBroker(Client client, String brokerAddress) {
        int port = FAR_PORT + clients.indexOf(client);
        relay(port, brokerAddress).fate((direction, payload) -> List.of(FAR));
        return client.routerAddress() + ":" + port;
    }

    /** A name server in the router that a client reaches at {@code 10.64.N.254}. */
    public NameServer nameServer(Client client) {
        return resource(NameServer.open(router, client.routerAddress()));
    }

    /** Makes packets above the size vanish silently between router and broker, in both directions. */
    public void pathMtu(int bytes) {
        router.ip("link set to-broker mtu " + bytes);
    }

    /** A file of the given name that goes with the lab. */
    public Path file(String name) {
        return folder.resolve(name);
    }

    /** Writes an executable script. */
    public void write(String path, String script) {
        try {
            Files.writeString(Path.of(path), script);
            Files.setPosixFilePermissions(Path.of(path), PosixFilePermissions.fromString("rwxr-xr-x"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Registers a process that is ended with the lab, and whose output is shown when something fails. */
    public LabProcess process(LabProcess process) {
        processes.add(process);
        return process;
    }

    /** Registers something to close with the lab. */
    public <T extends AutoCloseable> T resource(T resource) {
        resources.add(resource);
        return resource;
    }

    /** What the hooks noted and the ends of all logs. */
    public String evidence() {
        var text = new StringBuilder(hooks.evidence());
        processes.forEach(process -> text.append(process.evidence()));
        return text.toString();
    }

    private void link(String role, Namespace end, String v4, String v6) {
        String port = "to-" + role;
        router.ip("link add " + port + " type veth peer name wan netns " + end.name());
        router.ip("""
                link set %1$s up
                address add %2$s254/24 dev %1$s
                address add %3$sfe/64 dev %1$s nodad""".formatted(port, v4, v6));
        end.ip("""
                link set lo up
                link set wan up
                address add %1$s1/24 dev wan
                address add %2$s1/64 dev wan nodad
                route add default via %1$s254
                route add default via %2$sfe""".formatted(v4, v6));
    }

    @Override
    public void close() {
        processes.forEach(LabProcess::close);
        for (int i = resources.size() - 1; i >= 0; i--) {
            try {
                resources.get(i).close();
            } catch (Exception e) {
                throw new IllegalStateException("cleaning up " + resources.get(i), e);
            }
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
