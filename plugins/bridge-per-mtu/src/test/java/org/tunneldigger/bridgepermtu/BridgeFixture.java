// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.bridgepermtu;

import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.tunneldigger.testing.KernelFixture;
import org.tunneldigger.testing.SampleSessions;
import org.tunneldigger.testing.TestContext;

/** The plugin against the kernel: veth pairs stand for tunnels, their other ends for the clients. */
final class BridgeFixture implements AutoCloseable {
    final KernelFixture kernel = new KernelFixture();
    private @Nullable TestContext context;
    private @Nullable BridgePerMtu plugin;

    BridgeFixture() throws Exception {}

    void start(Map<String, String> section) throws Exception {
        start(section, verb -> {});
    }

    /** Starts the plugin, anew if there is one. */
    void start(Map<String, String> section, KernelFixture.Watcher watcher) throws Exception {
        stop();
        TestContext fresh = TestContext.of("bridge-per-mtu", section, kernel.watched(watcher));
        BridgePerMtu started = new BridgePerMtu();
        context = fresh;
        plugin = started;
        kernel.inBroker(() -> started.start(fresh));
    }

    void stop() throws Exception {
        if (plugin != null && context != null) {
            plugin.close();
            context.close();
        }
    }

    BridgePerMtu plugin() {
        return Objects.requireNonNull(plugin);
    }

    TestContext context() {
        return Objects.requireNonNull(context);
    }

    void up(String port, int mtu) throws Exception {
        kernel.inBroker(() -> plugin().onSessionUp(SampleSessions.up(port, mtu)));
    }

    /** The broker sets the interface's MTU before it tells. */
    void move(String port, int oldMtu, int newMtu) throws Exception {
        kernel.broker("ip", "link", "set", port, "mtu", Integer.toString(newMtu));
        kernel.inBroker(() -> plugin().onMtuChanged(SampleSessions.mtuChanged(port, oldMtu, newMtu)));
    }

    /** The interface goes before session.down. */
    void down(String port, int mtu) throws Exception {
        kernel.broker("ip", "link", "delete", port);
        kernel.inBroker(() -> plugin().onSessionDown(SampleSessions.down(port, mtu)));
    }

    /** The routes by a bridge, in the main table. */
    String routes(String bridge) throws Exception {
        return kernel.broker("ip", "route", "show", "dev", bridge)
                + kernel.broker("ip", "-6", "route", "show", "dev", bridge);
    }

    boolean exists(String link) throws Exception {
        return kernel.broker("ip", "-br", "link").lines().anyMatch(line -> line.startsWith(link + " "));
    }

    @Override
    public void close() throws Exception {
        try {
            stop();
        } finally {
            kernel.close();
        }
    }
}
