// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.ipsetban;

import java.io.IOException;
import java.net.InetAddress;
import java.util.Optional;
import org.tunneldigger.api.net.IpFamily;
import org.tunneldigger.api.net.NetworkException;
import org.tunneldigger.api.net.PacketFilter;

/** Two ipsets, one for each family; the rule that looks into them is the operator's. */
final class IpsetBanSet implements BanSet {
    private final PacketFilter filter;
    private final BanSettings settings;

    IpsetBanSet(PacketFilter filter, BanSettings settings) {
        this.filter = filter;
        this.settings = settings;
    }

    @Override
    public boolean holds(IpFamily family) {
        return true;
    }

    @Override
    public void create() throws NetworkException {
        for (IpFamily family : IpFamily.values()) {
            // One of another form is the operator's, and may do: adding decides.
            if (filter.ipsetType(set(family)).isEmpty()) {
                filter.ensureIpset(set(family), family, settings.timeout());
            }
        }
    }

    @Override
    public void verify() throws IOException {
        for (IpFamily family : IpFamily.values()) {
            Optional<String> type = filter.ipsetType(set(family));
            if (type.isEmpty()) {
                throw new IOException("the ipset " + set(family) + " does not exist");
            }
            if (!type.get().equals("hash:ip") && !type.get().equals("hash:net")) {
                throw new IOException(
                        "the ipset " + set(family) + " is a " + type.get() + ", neither hash:ip nor hash:net");
            }
        }
    }

    @Override
    public void add(InetAddress address) throws NetworkException {
        IpFamily family = address.getAddress().length == 4 ? IpFamily.V4 : IpFamily.V6;
        filter.addToIpset(set(family), address, settings.timeout());
    }

    private String set(IpFamily family) {
        return family == IpFamily.V4 ? settings.set() : settings.set6();
    }
}
