// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.bridgepermtu;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.pf4j.Extension;
import org.tunneldigger.api.PluginContext;
import org.tunneldigger.api.PluginLifecycle;
import org.tunneldigger.api.event.SessionMtuChanged;
import org.tunneldigger.api.event.SessionUp;
import org.tunneldigger.api.hook.SessionMtuChangedHook;
import org.tunneldigger.api.hook.SessionUpHook;
import org.tunneldigger.api.net.NetworkException;

/** Puts each session's interface into the bridge of its MTU. At session.down the kernel has taken the port away already. */
@Extension
public final class BridgePerMtu implements PluginLifecycle, SessionUpHook, SessionMtuChangedHook {
    private @Nullable Bridges bridges;

    /** @throws IllegalArgumentException with every wrong value of the section */
    @Override
    public void start(PluginContext context) {
        RouteTables tables = new RouteTables(Path.of("/"));
        BridgeSettings settings = BridgeSettings.read(context.configuration().values(), tables);
        settings.unknownKeys()
                .forEach(key -> context.logger().warn("[plugin.{}]: unknown key {}, ignored", context.id(), key));
        bridges = new Bridges(settings, context.network(), context.logger());
    }

    @Override
    public void onSessionUp(SessionUp event) throws NetworkException {
        started().put(event.session().interfaceName(), event.mtu());
    }

    @Override
    public void onMtuChanged(SessionMtuChanged event) throws NetworkException {
        started().put(event.session().interfaceName(), event.newMtu());
    }

    private Bridges started() {
        Bridges current = bridges;
        if (current == null) {
            throw new IllegalStateException("not started");
        }
        return current;
    }
}
