// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.ipsetban;

import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.tunneldigger.api.net.FilterFamily;
import org.tunneldigger.api.net.FilterTable;
import org.tunneldigger.api.net.IpFamily;
import org.tunneldigger.api.net.NetworkException;
import org.tunneldigger.api.net.PacketFilter;

/** Sets of an nftables table, with the rules that drop what comes from them where the table is the plugin's own. */
final class NftablesBanSet implements BanSet {
    // before a usual filter (0), so that nobody's "accept" is in the way; after connection tracking has begun
    private static final int PRIORITY = -10;

    private final PacketFilter filter;
    private final BanSettings settings;
    private final FilterFamily family;

    NftablesBanSet(PacketFilter filter, BanSettings settings) {
        this.filter = filter;
        this.settings = settings;
        family = switch (settings.family()) {
            case INET -> FilterFamily.INET;
            case IP -> FilterFamily.IP;
            case IP6 -> FilterFamily.IP6;
        };
    }

    @Override
    public boolean holds(IpFamily addresses) {
        return family == FilterFamily.INET || (family == FilterFamily.IP) == (addresses == IpFamily.V4);
    }

    @Override
    public void create() throws NetworkException {
        List<FilterTable.ElementSet> sets = new ArrayList<>();
        List<FilterTable.Rule> rules = new ArrayList<>();
        for (IpFamily addresses : IpFamily.values()) {
            if (holds(addresses)) {
                sets.add(new FilterTable.ElementSet(set(addresses), key(addresses), true));
                FilterTable.Match banned = new FilterTable.Source(addresses, set(addresses));
                if (settings.ports().isEmpty()) {
                    rules.add(new FilterTable.Rule(new FilterTable.Udp(), banned));
                }
                for (int port : settings.ports()) {
                    rules.add(new FilterTable.Rule(new FilterTable.UdpTo(port), banned));
                }
            }
        }
        filter.ensureTable(new FilterTable(
                family,
                settings.table(),
                sets,
                List.of(new FilterTable.Chain("input", FilterTable.Hook.INPUT, PRIORITY, rules))));
    }

    @Override
    public void verify() throws IOException {
        for (IpFamily addresses : IpFamily.values()) {
            if (!holds(addresses)) {
                continue;
            }
            String where = "the nftables set " + set(addresses) + " of the table "
                    + family.name().toLowerCase(Locale.ROOT) + " " + settings.table();
            Optional<FilterTable.ElementSet> found = filter.findSet(name(addresses));
            if (found.isEmpty()) {
                throw new IOException(where + " does not exist, or holds no addresses");
            }
            if (found.get().key() != key(addresses) || !found.get().timeouts()) {
                throw new IOException(where + " is not of the form: type ip"
                        + addresses.name().toLowerCase(Locale.ROOT) + "_addr; flags timeout");
            }
        }
    }

    @Override
    public void add(InetAddress address) throws NetworkException {
        IpFamily addresses = address.getAddress().length == 4 ? IpFamily.V4 : IpFamily.V6;
        filter.addElement(name(addresses), new PacketFilter.AddressElement(address), settings.timeout());
    }

    private PacketFilter.SetName name(IpFamily addresses) {
        return new PacketFilter.SetName(family, settings.table(), set(addresses));
    }

    private String set(IpFamily addresses) {
        return addresses == IpFamily.V4 ? settings.set() : settings.set6();
    }

    private static FilterTable.Key key(IpFamily addresses) {
        return addresses == IpFamily.V4 ? FilterTable.Key.V4 : FilterTable.Key.V6;
    }
}
