// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.bridgepermtu;

import java.nio.file.Path;
import java.util.concurrent.atomic.LongAccumulator;
import org.jspecify.annotations.Nullable;
import org.pf4j.Extension;
import org.tunneldigger.api.PluginContext;
import org.tunneldigger.api.PluginLifecycle;
import org.tunneldigger.api.PluginMetrics;
import org.tunneldigger.api.event.SessionDown;
import org.tunneldigger.api.event.SessionInfo;
import org.tunneldigger.api.event.SessionMtuChanged;
import org.tunneldigger.api.event.SessionUp;
import org.tunneldigger.api.hook.SessionDownHook;
import org.tunneldigger.api.hook.SessionMtuChangedHook;
import org.tunneldigger.api.hook.SessionUpHook;
import org.tunneldigger.api.net.NetworkException;

/**
 * Puts each session's interface into the bridge of its MTU, or where the section says. At session.down the kernel has taken the port
 * away already. On close everything stays as it is: tunnels go on over a restart.
 */
@Extension
public final class BridgePerMtu implements PluginLifecycle, SessionUpHook, SessionMtuChangedHook, SessionDownHook {
    private @Nullable Started started;

    /** What there is from start on. */
    private record Started(
            Target target, Places places, PluginMetrics.Counter moves, LongAccumulator longestMoveNanos) {}

    /** @throws IllegalArgumentException with every wrong value of the section */
    @Override
    public void start(PluginContext context) throws NetworkException {
        RouteTables tables = new RouteTables(Path.of("/"));
        BridgeSettings settings = context.configuration().read(keys -> BridgeSettings.read(keys, tables));
        Places places = new Places(settings, context.network(), context.logger());
        LongAccumulator longest = new LongAccumulator(Math::max, 0);
        PluginMetrics metrics = context.metrics();
        started = new Started(
                settings.target(), places, metrics.counter("moves", "tunnels moved to another bridge"), longest);
        metrics.gauge(
                "longest_move_seconds",
                "the longest time that moving a tunnel to another bridge took, in which it carried nothing",
                () -> longest.get() / 1e9);
        places.prepare();
    }

    @Override
    public void onSessionUp(SessionUp event) throws NetworkException {
        put(event.session(), event.mtu());
    }

    @Override
    public void onMtuChanged(SessionMtuChanged event) throws NetworkException {
        put(event.session(), event.newMtu());
    }

    @Override
    public void onSessionDown(SessionDown event) throws NetworkException {
        running().places().remove(event.session().interfaceName());
    }

    private void put(SessionInfo session, int mtu) throws NetworkException {
        Started running = running();
        String name =
                session.profile().bridge().orElseGet(() -> running.target().nameFor(mtu));
        long startNanos = System.nanoTime();
        if (running.places().put(session.interfaceName(), name, mtu)) {
            running.moves().increment();
            running.longestMoveNanos().accumulate(System.nanoTime() - startNanos);
        }
    }

    private Started running() {
        Started current = started;
        if (current == null) {
            throw new IllegalStateException("not started");
        }
        return current;
    }
}
