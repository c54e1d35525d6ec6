// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.testing;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tunneldigger.api.net.LinuxNetwork;
import org.tunneldigger.nativeio.NetworkNamespace;
import org.tunneldigger.network.NetlinkNetwork;

/**
 * A network namespace for the broker and one for each client, named {@code td-plug<process>-<number>}; deleted on close, those of
 * killed processes by the next fixture.
 */
public final class KernelFixture implements AutoCloseable {
    private static final String PREFIX = "td-plug";
    private static final Pattern NAME = Pattern.compile("(" + PREFIX + "([0-9]+)-[0-9]+)(?: .*)?");

    private final NetlinkNetwork network = new NetlinkNetwork();
    private final List<String> namespaces = new ArrayList<>();
    private final String broker;

    public KernelFixture() throws Exception {
        for (String line : command("ip", "netns", "list").split("\n")) {
            Matcher matcher = NAME.matcher(line);
            if (matcher.matches()
                    && ProcessHandle.of(Long.parseLong(matcher.group(2))).isEmpty()) {
                command("ip", "netns", "delete", matcher.group(1));
            }
        }
        broker = namespace();
    }

    /** Something to do. */
    public interface Step {
        void run() throws Exception;
    }

    /** A verb of the network is about to be used. */
    public interface Watcher {
        void called(String verb) throws Exception;
    }

    /** The broker's own way to the kernel. What it does, it does in the namespace of the calling thread. */
    public LinuxNetwork network() {
        return network;
    }

    /** The same, with each call told before it is made. */
    public LinuxNetwork watched(Watcher watcher) {
        return (LinuxNetwork) Proxy.newProxyInstance(
                LinuxNetwork.class.getClassLoader(), new Class<?>[] {LinuxNetwork.class}, (proxy, verb, arguments) -> {
                    watcher.called(verb.getName());
                    try {
                        return verb.invoke(network, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    /** Runs something with the calling thread in the broker's namespace. */
    public Void inBroker(Step step) throws Exception {
        return NetworkNamespace.named(broker).call(() -> {
            step.run();
            return null;
        });
    }

    /** Runs a command in the broker's namespace and returns what it printed. */
    public String broker(String... command) throws Exception {
        return in(broker, command);
    }

    /** What {@code bridge} says about a port. */
    public String port(String name) throws Exception {
        return broker("bridge", "-d", "link", "show", "dev", name);
    }

    /** Makes an interface, down, whose other end is in a namespace of its own, with an address; returns the namespace. */
    public String client(String port, String address) throws Exception {
        String client = namespace();
        broker("ip", "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", client);
        in(client, "ip", "address", "add", address, "dev", "eth0");
        in(client, "ip", "link", "set", "eth0", "up");
        return client;
    }

    /** Whether a ping is answered within 5 s: an interface that was just set up takes its time. */
    public boolean reaches(String from, String address) throws Exception {
        return ping(from, address, "5");
    }

    /** Whether pings stay unanswered for a second; it means something after others were answered. */
    public boolean cannotReach(String from, String address) throws Exception {
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

    @Override
    public void close() throws Exception {
        network.close();
        for (String namespace : namespaces) {
            command("ip", "netns", "delete", namespace);
        }
    }

    /** A further namespace. */
    public String namespace() throws Exception {
        String name = PREFIX + ProcessHandle.current().pid() + "-" + namespaces.size();
        command("ip", "netns", "add", name);
        namespaces.add(name);
        in(name, "ip", "link", "set", "lo", "up");
        return name;
    }

    /** Runs a command in a namespace and returns what it printed. */
    public static String in(String namespace, String... command) throws Exception {
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
