// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.ebtablesisolation;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.pf4j.Extension;
import org.tunneldigger.api.PluginContext;
import org.tunneldigger.api.PluginLifecycle;
import org.tunneldigger.api.event.SessionMtuChanged;
import org.tunneldigger.api.event.SessionUp;
import org.tunneldigger.api.hook.SessionMtuChangedHook;
import org.tunneldigger.api.hook.SessionUpHook;
import org.tunneldigger.api.net.NetworkException;

/** Isolates each session's interface if it is a bridge port by now: after session.up, and after the move to another bridge. */
@Extension
public final class EbtablesIsolation implements PluginLifecycle, SessionUpHook, SessionMtuChangedHook {
    private static final String MODE = "mode";
    private static final String PORT = "port";

    private final AtomicBoolean warned = new AtomicBoolean();
    private @Nullable PluginContext context;

    /** @throws IllegalArgumentException if the mode is none that exists */
    @Override
    public void start(PluginContext given) {
        Map<String, String> section = given.configuration().values();
        String mode = section.getOrDefault(MODE, "").strip();
        if (!mode.isEmpty() && !mode.equals(PORT)) {
            throw new IllegalArgumentException("mode: there is no '" + mode
                    + "'; the one that exists is 'port', the bridge-port isolation of the kernel");
        }
        section.keySet().stream()
                .filter(key -> !key.equals(MODE))
                .sorted()
                .forEach(key -> given.logger().warn("[plugin.{}]: unknown key {}, ignored", given.id(), key));
        context = given;
    }

    @Override
    public void onSessionUp(SessionUp event) throws NetworkException {
        isolate(event.session().interfaceName());
    }

    @Override
    public void onMtuChanged(SessionMtuChanged event) throws NetworkException {
        isolate(event.session().interfaceName());
    }

    private void isolate(String port) throws NetworkException {
        PluginContext current = context;
        if (current == null) {
            throw new IllegalStateException("not started");
        }
        Optional<String> bridge = current.network().bridgeOf(port);
        if (bridge.isPresent()) {
            current.network().setIsolated(port, true);
            current.logger().debug("{} is isolated in {}", port, bridge.get());
        } else if (warned.compareAndSet(false, true)) {
            current.logger()
                    .warn(
                            "ebtables-isolation: {} is in no bridge, so it is not isolated; in [plugins] enabled, name this plugin after the one that"
                                    + " does the bridging (said once)",
                            port);
        } else {
            current.logger().debug("{} is in no bridge", port);
        }
    }
}
