// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.ebtablesisolation;

import java.util.HashMap;
import java.util.Map;
import org.tunneldigger.testing.KernelFixture;
import org.tunneldigger.testing.SampleSessions;
import org.tunneldigger.testing.TestContext;

/** Two tunnels and an uplink, each with a namespace at its other end, none of them in the bridge yet; and the plugin. */
final class IsolationFixture implements AutoCloseable {
    static final String BRIDGE = "td-br0";
    static final String MACHINE = "10.99.0.1";
    static final String A_ADDRESS = "10.99.0.2";
    static final String B_ADDRESS = "10.99.0.3";
    static final String UPLINK_ADDRESS = "10.99.0.4";

    final KernelFixture kernel;
    final TestContext context;
    final EbtablesIsolation plugin = new EbtablesIsolation();
    final String a;
    final String b;
    final String uplink;

    IsolationFixture(String... keysAndValues) throws Exception {
        Map<String, String> section = new HashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            section.put(keysAndValues[i], keysAndValues[i + 1]);
        }
        kernel = new KernelFixture();
        context = TestContext.of("ebtables-isolation", section, kernel.network());
        kernel.broker("ip", "link", "add", BRIDGE, "type", "bridge");
        kernel.broker("ip", "link", "add", "td-br1", "type", "bridge");
        kernel.broker("ip", "address", "add", MACHINE + "/24", "dev", BRIDGE);
        kernel.broker("ip", "link", "set", BRIDGE, "up");
        a = kernel.client("td-a", A_ADDRESS + "/24");
        b = kernel.client("td-b", B_ADDRESS + "/24");
        uplink = kernel.client("td-u", UPLINK_ADDRESS + "/24");
    }

    void start() throws Exception {
        kernel.inBroker(() -> plugin.start(context));
    }

    void stop() throws Exception {
        kernel.inBroker(plugin::close);
    }

    void up(String port) throws Exception {
        kernel.inBroker(() -> plugin.onSessionUp(SampleSessions.up(port, 1446)));
    }

    void moved(String port) throws Exception {
        kernel.inBroker(() -> plugin.onMtuChanged(SampleSessions.mtuChanged(port, 1446, 1280)));
    }

    void down(String port) throws Exception {
        kernel.inBroker(() -> plugin.onSessionDown(SampleSessions.down(port, 1446)));
    }

    void join(String port) throws Exception {
        join(port, BRIDGE);
    }

    void join(String port, String bridge) throws Exception {
        kernel.broker("ip", "link", "set", port, "master", bridge);
        kernel.broker("ip", "link", "set", port, "up");
    }

    /** After pings in vain, the first may still end with the address resolution that failed before. */
    boolean reachesAgain(String from, String address) throws Exception {
        for (int tries = 0; tries < 3; tries++) {
            if (kernel.reaches(from, address)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void close() throws Exception {
        try (context;
                kernel) {
            stop();
        }
    }
}
