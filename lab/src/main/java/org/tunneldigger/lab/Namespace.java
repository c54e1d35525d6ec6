// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.lab;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tunneldigger.nativeio.NetworkNamespace;

/**
 * A network namespace made for a scenario. Its name holds this process's id, so that {@code lab/sweep} can tell one that a killed
 * run left behind from one in use.
 */
public final class Namespace implements AutoCloseable {
    private static final String PREFIX = "td-lab" + ProcessHandle.current().pid() + "-";

    private static final Pattern MTU = Pattern.compile(" mtu (\\d+) ");

    private final String name;

    private Namespace(String name) {
        this.name = name;
    }

    /** @param role what it stands for, such as {@code broker}; unique among those in use */
    public static Namespace create(String role) {
        var namespace = new Namespace(PREFIX + role);
        Command.of("ip", "netns", "add", namespace.name).output();
        // duplicate address detection would leave IPv6 addresses unusable for a second
        namespace.shell("ip link set lo up; echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad");
        return namespace;
    }

    public String name() {
        return name;
    }

    /** The command that runs these words inside. */
    public Command command(String... words) {
        return new Command(commandLine(List.of(words)));
    }

    /** {@code ip netns exec} replaces itself, so that the process started by this line is the one of the words. */
    List<String> commandLine(List<String> words) {
        var line = new ArrayList<>(List.of("ip", "netns", "exec", name));
        line.addAll(words);
        return line;
    }

    /**
     * Runs shell commands inside.
     *
     * @throws IllegalStateException if one fails
     */
    public String shell(String script) {
        return command("sh", "-ec", script).output();
    }

    /** Runs commands of {@code ip}, one a line, in one process. */
    public void ip(String batch) {
        Command.of("ip", "-n", name, "-batch", "-").output(batch + "\n");
    }

    /** Runs the body with the calling thread inside: sockets that it opens belong to the namespace for good. */
    public <T> T call(Callable<T> body) {
        try {
            return NetworkNamespace.named(name).call(body);
        } catch (IOException | RuntimeException e) {
            throw new IllegalStateException("in namespace " + name, e);
        } catch (Exception e) {
            throw new AssertionError("in namespace " + name, e);
        }
    }

    /**
     * The MTU of an interface inside; empty when there is none of that name. Asks {@code ip}: Java's own list of interfaces leaves
     * out those without an IPv4 address, and looks for IPv6 ones in the main thread's namespace.
     */
    public OptionalInt mtu(String interfaceName) {
        Command.Outcome link = Command.of("ip", "-n", name, "-o", "link", "show", "dev", interfaceName)
                .run();
        Matcher mtu = MTU.matcher(link.output());
        return link.status() == 0 && mtu.find() ? OptionalInt.of(Integer.parseInt(mtu.group(1))) : OptionalInt.empty();
    }

    /** The namespace's IP counter, as {@code nstat} names it: {@code IpFragCreates}, {@code Ip6ReasmReqds}. */
    public long counter(String counter) {
        String[] words = command("nstat", "-asz", counter)
                .output()
                .lines()
                .filter(line -> line.startsWith(counter))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no counter " + counter))
                .split("\\s+");
        return Long.parseLong(words[1]);
    }

    /** Ends every process inside and removes it with all its interfaces. */
    @Override
    public void close() {
        for (int attempt = 0; attempt < 50; attempt++) {
            List<ProcessHandle> inside = processes();
            inside.forEach(ProcessHandle::destroyForcibly);
            if (inside.isEmpty()) {
                break;
            }
            inside.forEach(process -> process.onExit()
                    .orTimeout(100, TimeUnit.MILLISECONDS)
                    .exceptionally(e -> process)
                    .join());
        }
        Command.of("ip", "netns", "delete", name).output();
    }

    /** How many processes run inside. */
    public int processCount() {
        return processes().size();
    }

    private List<ProcessHandle> processes() {
        return Command.of("ip", "netns", "pids", name)
                .output()
                .lines()
                .map(line -> ProcessHandle.of(Long.parseLong(line.strip())))
                .flatMap(Optional::stream)
                .filter(process -> process.pid() != ProcessHandle.current().pid())
                .toList();
    }
}
