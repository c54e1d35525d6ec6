// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.execscripts;

import org.tunneldigger.api.event.SessionProfile;
import org.tunneldigger.api.event.ClientFeature;
import java.util.Set;
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
import org.slf4j.Logger;
import org.tunneldigger.api.PluginContext;
import org.tunneldigger.api.event.Datapath;
import org.tunneldigger.api.event.SessionInfo;
import org.tunneldigger.api.event.SessionUp;
import org.tunneldigger.api.net.LinuxNetwork;

/** Real scripts in a folder, and a plugin that runs them. */
final class ScriptFixture {
    private final Path folder;
    private final RecordingLogger logger = new RecordingLogger();

    ScriptFixture(Path folder) {
        this.folder = folder;
    }

    record Context(String id, Map<String, String> configuration, Logger logger) implements PluginContext {
        @Override
        public LinuxNetwork network() {
            throw new AssertionError("exec-scripts changes no network itself");
        }
    }

    RecordingLogger logger() {
        return logger;
    }

    Path file(String name) {
        return folder.resolve(name);
    }

    /** Writes an executable script; {@code $OUT} in it stands for the folder. */
    String script(String name, String body) throws IOException {
        Path path = folder.resolve(name);
        Files.writeString(path, "#!/bin/bash\nOUT=" + folder + "\n" + body + "\n");
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
        return path.toString();
    }

    ExecScripts plugin(Map<String, String> configuration) {
        ExecScripts plugin = new ExecScripts();
        plugin.start(new Context("exec-scripts", configuration, logger));
        return plugin;
    }

    static SessionInfo session(String clientAddress, String uuid) {
        return new SessionInfo(
                100,
                4_294_967_295L,
                "l2tp100-100",
                new InetSocketAddress(clientAddress, 40001),
                new InetSocketAddress("192.0.2.1", 8942),
                uuid,
                Datapath.KERNEL, Set.of(ClientFeature.UNIQUE_SESSION_ID), SessionProfile.none(),
                Instant.EPOCH);
    }

    static SessionUp up(String uuid) {
        return new SessionUp(session("192.0.2.7", uuid), 1446, Instant.EPOCH);
    }

    /** The NUL-terminated strings in a file. */
    List<String> arguments(String name) throws IOException {
        String text = Files.readString(file(name), StandardCharsets.UTF_8);
        String[] parts = text.split("\0", -1);
        return Arrays.asList(parts).subList(0, parts.length - 1);
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
