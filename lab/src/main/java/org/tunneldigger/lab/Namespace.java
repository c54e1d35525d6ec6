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
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tunneldigger.nativeio.NetworkNamespace;

/**
 * A network namespace made for a scenario. Its name holds this process's id, so that {@code lab/sweep} can tell one that a killed
 * run left behind from one in use. A process that sleeps inside opens it to reading without further processes, which are dear
 * in the emulated guest.
 */
public final class Namespace implements AutoCloseable {
    private static final Pattern MTU = Pattern.compile("\\d+");

    private final String name;
    private final Process holder;

    private Namespace(String name) {
        this.name = name;
        try {
            holder = new ProcessBuilder(commandLine(List.of("sleep", "infinity"))).start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @param name unique among those in use by this process, such as {@code 1f-broker} */
    static Namespace create(String name) {
        String full = "td-lab" + ProcessHandle.current().pid() + "-" + name;
        Command.of("ip", "netns", "add", full).output();
        var namespace = new Namespace(full);
        // until then it is not inside, or does not see the namespace's own /sys
        new Await(() -> full)
                .until(
                        Duration.ofSeconds(20),
                        "the holder sleeps",
                        () -> namespace.read("comm").orElse("").strip().equals("sleep"));
        // duplicate address detection would leave IPv6 addresses unusable for a second
        namespace.setting("ipv6/conf/default/accept_dad", "0");
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

    /** Sets a value below {@code /proc/sys/net}. */
    public void setting(String path, String value) {
        call(() -> Files.writeString(Path.of("/proc/sys/net", path), value));
    }

    /** The MTU of an interface inside; empty when there is none of that name. */
    public OptionalInt mtu(String interfaceName) {
        Matcher mtu = MTU.matcher(interfaceValue(interfaceName, "mtu").orElse(""));
        return mtu.find() ? OptionalInt.of(Integer.parseInt(mtu.group())) : OptionalInt.empty();
    }

    /** What {@code /sys/class/net} says of an interface inside; empty when there is none of that name. */
    public Optional<String> interfaceValue(String interfaceName, String file) {
        return read("root/sys/class/net/" + interfaceName + "/" + file).map(String::strip);
    }

    /**
     * A counter of the namespace's IP layer, by its name in {@code /proc/net/snmp} behind the protocol's:
     * {@code IpFragCreates}, {@code Ip6ReasmReqds}.
     */
    public long counter(String counter) {
        if (counter.startsWith("Ip6")) {
            return read("net/snmp6")
                    .orElseThrow()
                    .lines()
                    .map(line -> line.split("\\s+"))
                    .filter(words -> words[0].equals(counter))
                    .mapToLong(words -> Long.parseLong(words[1]))
                    .findFirst()
                    .orElseThrow();
        }
        List<String[]> lines = read("net/snmp")
                .orElseThrow()
                .lines()
                .filter(line -> line.startsWith("Ip: "))
                .map(line -> line.split(" "))
                .toList();
        int column = List.of(lines.get(0)).indexOf(counter.substring(2));
        return Long.parseLong(lines.get(1)[column]);
    }

    /** A file of the holder's in {@code /proc}, which shows the namespace as it sees it. */
    private Optional<String> read(String file) {
        try {
            return Optional.of(Files.readString(Path.of("/proc", Long.toString(holder.pid()), file)));
        } catch (IOException e) {
            return Optional.empty();
        }
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

    /** How many processes run inside, of those that a scenario started there. */
    public int processCount() {
        return (int) processes().stream()
                .filter(process -> process.pid() != holder.pid())
                .count();
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
