// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.ebtablesisolation;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.tunneldigger.api.net.FilterFamily;
import org.tunneldigger.api.net.FilterTable;
import org.tunneldigger.api.net.NetworkException;
import org.tunneldigger.api.net.PacketFilter;
import org.tunneldigger.api.net.PacketFilter.InterfaceElement;
import org.tunneldigger.api.net.PacketFilter.SetName;

/** One table with one rule: what comes in by a tunnel and leaves by a tunnel is dropped, whatever bridge they are in. */
final class NftablesIsolation implements Isolation {
    private static final String TUNNELS = "tunnels";
    private static final int BRIDGE_FILTER_PRIORITY = -200;

    private final PacketFilter filter;
    private final FilterTable table;
    private final SetName tunnels;
    private final Logger logger;
    private final Set<String> ports = new LinkedHashSet<>(); // guarded by this
    private boolean running; // guarded by this

    NftablesIsolation(PacketFilter filter, String table, Logger logger) {
        this.filter = filter;
        this.table = table(table);
        this.logger = logger;
        tunnels = new SetName(FilterFamily.BRIDGE, table, TUNNELS);
    }

    private static FilterTable table(String name) {
        FilterTable.Rule apart =
                new FilterTable.Rule(new FilterTable.InputInterface(TUNNELS), new FilterTable.OutputInterface(TUNNELS));
        return new FilterTable(
                FilterFamily.BRIDGE,
                name,
                List.of(new FilterTable.ElementSet(TUNNELS, FilterTable.Key.INTERFACE, false)),
                List.of(new FilterTable.Chain(
                        "forward", FilterTable.Hook.FORWARD, BRIDGE_FILTER_PRIORITY, List.of(apart))));
    }

    @Override
    public void probe() throws NetworkException {
        filter.probeTable(table(table.name() + "_probe"));
    }

    @Override
    public synchronized void start() throws NetworkException {
        filter.ensureTable(table);
        filter.flushSet(tunnels);
        running = true;
    }

    @Override
    public synchronized boolean isolate(String port) throws NetworkException {
        if (!running) {
            throw new IllegalStateException("stopped");
        }
        ports.add(port);
        try {
            add(port);
        } catch (NetworkException e) {
            if (!e.errnoName().equals("ENOENT")) {
                throw e;
            }
            restore();
        }
        return true;
    }

    @Override
    public synchronized void release(String port) throws NetworkException {
        if (!running) {
            return;
        }
        ports.remove(port);
        try {
            filter.removeElement(tunnels, new InterfaceElement(port));
        } catch (NetworkException e) {
            if (!e.errnoName().equals("ENOENT")) {
                throw e;
            }
            restore();
        }
    }

    /** Makes the table again if something took it away, as {@code nft flush ruleset} does. */
    synchronized void restoreIfGone() throws NetworkException {
        if (running && filter.findSet(tunnels).isEmpty()) {
            restore();
        }
    }

    private void restore() throws NetworkException {
        filter.ensureTable(table);
        for (String port : ports) {
            add(port);
        }
        logger.warn(
                "something else removed the nftables table bridge {}; it is back, with {} tunnels that were not"
                        + " isolated meanwhile",
                table.name(),
                ports.size());
    }

    private void add(String port) throws NetworkException {
        filter.addElement(tunnels, new InterfaceElement(port), Duration.ZERO);
    }

    @Override
    public synchronized void stop() throws NetworkException {
        running = false;
        ports.clear();
        filter.deleteTable(FilterFamily.BRIDGE, table.name());
    }
}
