// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.nativeio;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A fresh network namespace named {@code td-u<process>-<number>}, deleted on close. Those of processes that were killed are deleted
 * by the next one.
 */
public final class TestNamespace implements AutoCloseable {
    private static final Pattern NAME = Pattern.compile("(td-u([0-9]+)-[0-9]+)(?: .*)?");
    private static final AtomicInteger LAST = new AtomicInteger();

    private final String name;

    private TestNamespace(String name) {
        this.name = name;
    }

    public static TestNamespace create() throws Exception {
        deleteLeftovers();
        String name = "td-u" + ProcessHandle.current().pid() + "-" + LAST.incrementAndGet();
        command("ip", "netns", "add", name);
        TestNamespace namespace = new TestNamespace(name);
        namespace.run("ip", "link", "set", "lo", "up");
        return namespace;
    }

    public String name() {
        return name;
    }

    /** Calls the body with this thread inside. */
    public <T> T call(Callable<T> body) throws Exception {
        return NetworkNamespace.named(name).call(body);
    }

    /** Runs a command inside and returns what it printed. */
    public String run(String... command) throws Exception {
        String[] inside = new String[command.length + 4];
        inside[0] = "ip";
        inside[1] = "netns";
        inside[2] = "exec";
        inside[3] = name;
        System.arraycopy(command, 0, inside, 4, command.length);
        return command(inside);
    }

    @Override
    public void close() throws Exception {
        command("ip", "netns", "delete", name);
    }

    /** Runs a command and returns what it printed; throws if it fails. */
    public static String command(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(30, TimeUnit.SECONDS) || process.exitValue() != 0) {
            process.destroyForcibly();
            throw new IOException(String.join(" ", command) + " failed: " + output);
        }
        return output;
    }

    private static void deleteLeftovers() throws Exception {
        for (String line : command("ip", "netns", "list").split("\n")) {
            Matcher matcher = NAME.matcher(line);
            if (matcher.matches()
                    && ProcessHandle.of(Long.parseLong(matcher.group(2))).isEmpty()) {
                command("ip", "netns", "delete", matcher.group(1));
            }
        }
    }
}
