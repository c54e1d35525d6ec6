// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.execscripts;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tunneldigger.api.event.SessionInfo;
import org.tunneldigger.api.event.SessionProfile;
import org.tunneldigger.api.event.SessionUp;
import org.tunneldigger.testing.RecordingLogger;
import org.tunneldigger.testing.SampleSessions;
import org.tunneldigger.testing.TestContext;

/** Real scripts in a folder, and a plugin that runs them. */
final class ScriptFixture {
    private final Path folder;
    private @Nullable TestContext context;

    ScriptFixture(Path folder) {
        this.folder = folder;
    }

    /** Of the plugin that was started last. */
    TestContext context() {
        TestContext current = context;
        if (current == null) {
            throw new IllegalStateException("no plugin was started");
        }
        return current;
    }

    RecordingLogger logger() {
        return context().logger();
    }

    /** What was counted under this name. */
    long count(String name) {
        return context().metrics().count(name);
    }

    Path file(String name) {
        return folder.resolve(name);
    }

    /** Writes an executable script; {@code $OUT} in it stands for the folder. The name may have a directory before it. */
    String script(String name, String body) throws IOException {
        return script("/bin/bash", name, body);
    }

    String script(String interpreter, String name, String body) throws IOException {
        Path path = folder.resolve(name);
        Files.createDirectories(path.resolveSibling("."));
        Files.writeString(path, "#!" + interpreter + "\nOUT=" + folder + "\n" + body + "\n");
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
        return path.toString();
    }

    ExecScripts plugin(Map<String, String> configuration) {
        ExecScripts plugin = new ExecScripts();
        context = TestContext.of("exec-scripts", configuration);
        plugin.start(context);
        return plugin;
    }

    static SessionInfo session(String clientAddress, String uuid) {
        return session(clientAddress, uuid, SessionProfile.none());
    }

    static SessionInfo session(String clientAddress, String uuid, SessionProfile profile) {
        return SampleSessions.session("l2tp100-100", new InetSocketAddress(clientAddress, 40001), uuid, profile);
    }

    static SessionUp up(String uuid) {
        return new SessionUp(session("192.0.2.7", uuid), 1446, Instant.EPOCH);
    }

    static SessionUp up(SessionProfile profile) {
        return new SessionUp(session("192.0.2.7", "u", profile), 1446, Instant.EPOCH);
    }

    /** The NUL-terminated strings in a file. */
    List<String> arguments(String name) throws IOException {
        String text = Files.readString(file(name), StandardCharsets.UTF_8);
        String[] parts = text.split("\0", -1);
        return Arrays.asList(parts).subList(0, parts.length - 1);
    }

    /** The variables in a file that {@code env -0} wrote, by name. */
    Map<String, String> environment(String name) throws IOException {
        return arguments(name).stream()
                .map(variable -> variable.split("=", 2))
                .collect(Collectors.toMap(parts -> parts[0], parts -> parts[1]));
    }

    /** The process ids in a file, one a line. */
    List<ProcessHandle> living(String name) throws IOException {
        return Files.readAllLines(file(name)).stream()
                .flatMap(pid -> ProcessHandle.of(Long.parseLong(pid.strip())).stream())
                .filter(ProcessHandle::isAlive)
                .toList();
    }

    static void waitUntil(String what, BooleanSupplier condition) throws InterruptedException {
        long endNanos = System.nanoTime() + 20_000_000_000L;
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - endNanos).as(what).isNegative();
            Thread.sleep(5);
        }
    }
}
