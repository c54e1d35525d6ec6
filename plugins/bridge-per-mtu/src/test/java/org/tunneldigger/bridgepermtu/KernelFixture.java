// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.bridgepermtu;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.tunneldigger.api.PluginContext;
import org.tunneldigger.api.event.Datapath;
import org.tunneldigger.api.event.SessionInfo;
import org.tunneldigger.api.net.LinuxNetwork;
import org.tunneldigger.nativeio.NetworkNamespace;
import org.tunneldigger.network.NetlinkNetwork;

/**
 * A network namespace for the broker and one for each client, named {@code td-bpm<process>-<number>}; deleted on close, those of
 * killed processes by the next fixture.
 */
final class KernelFixture implements AutoCloseable {
    private static final String PREFIX = "td-bpm";
    private static final Pattern NAME = Pattern.compile("(" + PREFIX + "([0-9]+)-[0-9]+)(?: .*)?");

    private final NetlinkNetwork network = new NetlinkNetwork();
    private final RecordingLogger logger = new RecordingLogger();
    private final List<String> namespaces = new ArrayList<>();
    private final String broker;

    KernelFixture() throws Exception {
        for (String line : command("ip", "netns", "list").split("\n")) {
            Matcher matcher = NAME.matcher(line);
            if (matcher.matches()
                    && ProcessHandle.of(Long.parseLong(matcher.group(2))).isEmpty()) {
                command("ip", "netns", "delete", matcher.group(1));
            }
        }
        broker = namespace();
    }

    interface Step {
        void run() throws Exception;
    }

    record Context(String id, Map<String, String> configuration, Logger logger, LinuxNetwork network)
            implements PluginContext {}

    PluginContext context(Map<String, String> configuration) {
        return new Context("bridge-per-mtu", configuration, logger, network);
    }

    interface Watcher {
        void called(String verb) throws Exception;
    }

    /** The same, with each call of the network told before it is made. */
    PluginContext context(Map<String, String> configuration, Watcher watcher) {
        LinuxNetwork watched = (LinuxNetwork) Proxy.newProxyInstance(
                LinuxNetwork.class.getClassLoader(), new Class<?>[] {LinuxNetwork.class}, (proxy, verb, arguments) -> {
                    watcher.called(verb.getName());
                    return verb.invoke(network, arguments);
                });
        return new Context("bridge-per-mtu", configuration, logger, watched);
    }

    RecordingLogger logger() {
        return logger;
    }

    /** Runs something with the calling thread in the broker's namespace. */
    Void inBroker(Step step) throws Exception {
        return NetworkNamespace.named(broker).call(() -> {
            step.run();
            return null;
        });
    }

    /** Runs a command in the broker's namespace and returns what it printed. */
    String broker(String... command) throws Exception {
        return in(broker, command);
    }

    String port(String name) throws Exception {
        return broker("bridge", "-d", "link", "show", "dev", name);
    }

    /** Makes an interface, down, whose other end is in a namespace of its own, with an address; returns the namespace. */
    String client(String port, String address) throws Exception {
        String client = namespace();
        broker("ip", "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", client);
        in(client, "ip", "address", "add", address, "dev", "eth0");
        in(client, "ip", "link", "set", "eth0", "up");
        return client;
    }

    /** Whether a ping is answered within 5 s: an interface that was just set up takes its time. */
    boolean reaches(String from, String address) throws Exception {
        return ping(from, address, "5");
    }

    /** Whether pings stay unanswered for a second; it means something after others were answered. */
    boolean cannotReach(String from, String address) throws Exception {
        return !ping(from, address, "1");
    }

    private static boolean ping(String from, String address, String seconds) throws Exception {
        Process ping = new ProcessBuilder(
                        "ip", "netns", "exec", from, "ping", "-q", "-c", "1", "-i", "0.2", "-w", seconds, address)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        return ping.waitFor() == 0;
    }

    SessionInfo session(String interfaceName) {
        return new SessionInfo(
                100,
                100,
                interfaceName,
                new InetSocketAddress("192.0.2.7", 40001),
                new InetSocketAddress("192.0.2.1", 8942),
                "uuid",
                Datapath.KERNEL,
                Instant.EPOCH);
    }

    @Override
    public void close() throws Exception {
        network.close();
        for (String namespace : namespaces) {
            command("ip", "netns", "delete", namespace);
        }
    }

    private String namespace() throws Exception {
        String name = PREFIX + ProcessHandle.current().pid() + "-" + namespaces.size();
        command("ip", "netns", "add", name);
        namespaces.add(name);
        in(name, "ip", "link", "set", "lo", "up");
        return name;
    }

    private static String in(String namespace, String... command) throws Exception {
        List<String> words = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
        words.addAll(List.of(command));
        return command(words.toArray(String[]::new));
    }

    private static String command(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(30, TimeUnit.SECONDS) || process.exitValue() != 0) {
            process.destroyForcibly();
            throw new IOException(String.join(" ", command) + " failed: " + output);
        }
        return output;
    }
}
