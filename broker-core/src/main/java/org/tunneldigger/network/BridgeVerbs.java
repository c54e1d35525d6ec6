// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.network;

import org.tunneldigger.api.net.BridgeOptions;
import org.tunneldigger.nativeio.Errno;
import org.tunneldigger.nativeio.NativeException;
import org.tunneldigger.netlink.Link;
import org.tunneldigger.netlink.Links;
import org.tunneldigger.netlink.NetlinkException;

/** How bridges are made and deleted. */
final class BridgeVerbs {
    static final String KIND = "bridge";

    private BridgeVerbs() {}

    /** Returns whether there was none. */
    static boolean ensure(Links links, String name, BridgeOptions options) throws NativeException {
        Link link = links.byName(name);
        boolean missing = link == null;
        if (link == null) {
            // the kernel would fill in a number for %d
            if (name.indexOf('%') >= 0) {
                throw new NetlinkException("'" + name + "' can't be the name of a bridge", Errno.EINVAL, "");
            }
            NetlinkNetwork.unlessDone(Errno.EEXIST, () -> links.createBridge(name));
            link = NetlinkNetwork.existing(links, name);
        }
        require(link, Errno.EEXIST);
        configure(links, link, options);
        if (!link.up()) {
            links.setUp(link.index());
        }
        return missing;
    }

    private static void configure(Links links, Link link, BridgeOptions options) throws NativeException {
        int index = link.index();
        if (options.macAddress().isPresent()) {
            // also where it is the same: until it is set it would change with the ports
            links.setMacAddress(index, options.macAddress().get().bytes());
        }
        if (options.mtu().isPresent() && link.mtu() != options.mtu().getAsInt()) {
            // by a request of its own: one that comes with the creation gives way to the ports' MTU
            // (br_mtu_auto_adjust)
            links.setMtu(index, options.mtu().getAsInt());
        }
        if (options.stp().isPresent()) {
            links.setStp(index, options.stp().get());
        }
        if (options.multicastSnooping().isPresent()) {
            links.setMulticastSnooping(index, options.multicastSnooping().get());
        }
    }

    /** Returns whether it is gone. */
    static boolean remove(Links links, String name) throws NativeException {
        Link link = links.byName(name);
        if (link == null) {
            return true;
        }
        require(link, Errno.EINVAL);
        if (!links.under(link.index()).isEmpty()) {
            return false;
        }
        NetlinkNetwork.unlessDone(Errno.ENODEV, () -> links.delete(link.index()));
        return true;
    }

    static void require(Link link, int errnoIfNoBridge) throws NetlinkException {
        if (!link.kind().equals(KIND)) {
            throw new NetlinkException("the interface " + link.name() + " is no bridge", errnoIfNoBridge, "");
        }
    }
}
