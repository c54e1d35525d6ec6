// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.ipsetban;

import java.io.IOException;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;
import org.pf4j.Extension;
import org.slf4j.Logger;
import org.tunneldigger.api.PluginContext;
import org.tunneldigger.api.PluginLifecycle;
import org.tunneldigger.api.PluginMetrics;
import org.tunneldigger.api.event.ConnectionRateLimited;
import org.tunneldigger.api.hook.ConnectionRateLimitHook;
import org.tunneldigger.api.net.IpFamily;
import org.tunneldigger.api.net.NetworkException;
import org.tunneldigger.api.net.PacketFilter;

/** Bans the address of each refused attempt. */
@Extension
public final class IpsetBan implements PluginLifecycle, ConnectionRateLimitHook {
    private volatile @Nullable Running running;

    private record Running(
            Logger logger,
            BanSettings settings,
            BanSet set,
            PluginMetrics.Counter bans,
            PluginMetrics.Counter exempted,
            PluginMetrics.Counter failures) {}

    /** @throws IOException if a set is missing, can't be made or can't hold addresses */
    @Override
    public void start(PluginContext context) throws IOException {
        BanSettings settings = context.configuration().read(BanSettings::read);
        PacketFilter filter = context.network().packetFilter();
        BanSet set = switch (settings.kind()) {
            case NFTABLES -> new NftablesBanSet(filter, settings);
            case IPSET -> new IpsetBanSet(filter, settings);
        };
        if (settings.create()) {
            set.create();
        }
        set.verify();
        PluginMetrics metrics = context.metrics();
        running = new Running(
                context.logger(),
                settings,
                set,
                metrics.counter("bans", "Times that an address was banned, or its ban begun anew."),
                metrics.counter("exempted", "Refused attempts of addresses that are never banned."),
                metrics.counter("failures", "Bans that the kernel refused."));
    }

    @Override
    public void onConnectionRateLimited(ConnectionRateLimited event) throws NetworkException {
        Running current = running;
        if (current == null) {
            throw new IllegalStateException("not started");
        }
        InetAddress address = event.remote().getAddress();
        IpFamily family = address.getAddress().length == 4 ? IpFamily.V4 : IpFamily.V6;
        if (current.settings().exempt().contains(address) || !current.set().holds(family)) {
            current.exempted().increment();
            return;
        }
        try {
            ban(current, address);
            current.bans().increment();
        } catch (NetworkException e) {
            current.failures().increment();
            throw e;
        }
    }

    private static void ban(Running current, InetAddress address) throws NetworkException {
        try {
            current.set().add(address);
        } catch (NetworkException e) {
            if (!e.errnoName().equals("ENOENT") || !current.settings().create()) {
                throw e;
            }
            current.logger().warn("something else removed the sets of banned addresses; they are made again, empty");
            current.set().create();
            current.set().add(address);
        }
    }
}
