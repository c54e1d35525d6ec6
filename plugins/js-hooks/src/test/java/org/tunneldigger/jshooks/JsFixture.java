// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.jshooks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.tunneldigger.api.event.AccessDecision;
import org.tunneldigger.api.net.LinuxNetwork;
import org.tunneldigger.testing.SampleSessions;
import org.tunneldigger.testing.TestContext;

/** The plugin on a folder of scripts. */
final class JsFixture implements AutoCloseable {
    private final Path folder;
    private final Map<String, String> section = new HashMap<>();
    final JsHooks plugin = new JsHooks();
    private @Nullable TestContext context;

    JsFixture(Path folder) {
        this.folder = folder;
        section.put("directory", folder.toString());
        section.put("check_interval", "0.1");
        section.put("timeout", "20"); // a busy machine is not what is tried
    }

    JsFixture with(String key, String value) {
        section.put(key, value);
        return this;
    }

    /** Moves a file into place, as careful people do. */
    JsFixture script(String name, String... lines) throws IOException {
        Path beside = folder.resolve("." + name + ".new");
        Files.writeString(beside, String.join("\n", lines), StandardCharsets.UTF_8);
        Files.move(beside, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        return this;
    }

    JsFixture start() throws Exception {
        return start(TestContext.of("js-hooks", section));
    }

    JsFixture start(LinuxNetwork network) throws Exception {
        return start(TestContext.of("js-hooks", section, network));
    }

    private JsFixture start(TestContext made) throws Exception {
        context = made;
        plugin.start(made);
        return this;
    }

    void up() throws Exception {
        plugin.onSessionUp(SampleSessions.up("l2tp100-100", 1446));
    }

    AccessDecision authorize(String uuid) throws Exception {
        return plugin.authorize(SampleSessions.request(uuid));
    }

    TestContext context() {
        if (context == null) {
            throw new IllegalStateException("not started");
        }
        return context;
    }

    List<String> log() {
        return context().logger().lines();
    }

    /** The last of the script's own lines. */
    String said() {
        List<String> lines = log();
        return lines.get(lines.size() - 1);
    }

    long count(String name) {
        return context().metrics().count(name);
    }

    /** Waits until something holds, 30 s at most. */
    static void until(Callable<Boolean> condition) throws Exception {
        long deadlineNanos = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!condition.call()) {
            if (System.nanoTime() > deadlineNanos) {
                throw new AssertionError("did not happen within 30 s");
            }
            Thread.sleep(5);
        }
    }

    @Override
    public void close() {
        plugin.close();
        if (context != null) {
            context.close();
        }
    }
}
