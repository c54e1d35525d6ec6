// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.network;

import org.tunneldigger.nativeio.NativeException;
import org.tunneldigger.netlink.Link;
import org.tunneldigger.netlink.Links;

/** Tries whether a bridge isolates its ports, with interfaces that are gone afterwards. */
final class PortIsolationProbe {
    private PortIsolationProbe() {}

    static void run(Links links) throws NativeException {
        // No other process takes these names; one that was killed in the midst of this left them.
        long process = ProcessHandle.current().pid();
        String bridge = "tdp" + process + "b";
        String port = "tdp" + process + "p";
        remove(links, port);
        remove(links, bridge);
        try {
            links.createBridge(bridge);
            links.createVeth(port, "tdp" + process + "q");
            int index = index(links, port);
            links.enslave(index, index(links, bridge));
            links.setIsolated(index, true);
        } finally {
            remove(links, port);
            remove(links, bridge);
        }
    }

    private static int index(Links links, String name) throws NativeException {
        Link link = links.byName(name);
        return link == null ? 0 : link.index();
    }

    private static void remove(Links links, String name) throws NativeException {
        Link link = links.byName(name);
        if (link != null) {
            links.delete(link.index());
        }
    }
}
