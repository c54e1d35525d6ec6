// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.netlink;

import java.net.Inet4Address;
import java.net.InetAddress;
import org.tunneldigger.nativeio.Errno;
import org.tunneldigger.nativeio.NativeException;

/**
 * Routes to the networks of an interface's own addresses, in the main table, as the kernel makes them: protocol {@code kernel}, in
 * IPv4 with scope {@code link} and the address as source (linux/rtnetlink.h). One thread.
 */
public final class Routes {
    private static final int RTM_NEWROUTE = 24;
    private static final int RTM_DELROUTE = 25;
    private static final int RTA_DST = 1;
    private static final int RTA_OIF = 4;
    private static final int RTA_PRIORITY = 6;
    private static final int RTA_PREFSRC = 7;
    private static final int RT_TABLE_MAIN = 254;
    private static final int RTPROT_KERNEL = 2;
    private static final int RT_SCOPE_UNIVERSE = 0;
    private static final int RT_SCOPE_LINK = 253;
    private static final int RTN_UNICAST = 1;
    /** More to one network by one interface are a mistake, here or in the kernel. */
    private static final int MOST_ROUTES = 64;

    private final NetlinkSocket socket;

    Routes(NetlinkSocket socket) {
        this.socket = socket;
    }

    /**
     * Adds the route to an address's network beside those of other interfaces and other metrics.
     *
     * @param metric unsigned 32 bits, not 0
     * @throws NativeException EEXIST if there is exactly this one, ENETDOWN if the interface is down
     */
    public void addConnected(int linkIndex, InetAddress address, int prefixLength, int metric) throws NativeException {
        // without "append", the kernel takes the same network and metric by another interface for the same route
        int flags = NetlinkMessage.CREATE | NetlinkMessage.APPEND;
        NetlinkMessage request = message("add", RTM_NEWROUTE, flags, linkIndex, address, prefixLength);
        if (address instanceof Inet4Address) {
            request.attribute(RTA_PREFSRC, address.getAddress());
        }
        socket.execute(request.attribute32(RTA_PRIORITY, metric));
    }

    /** Deletes every route of protocol kernel to an address's network by a link, whatever its metric; nothing if there is none. */
    public void deleteConnected(int linkIndex, InetAddress address, int prefixLength) throws NativeException {
        try {
            for (int i = 0; i < MOST_ROUTES; i++) {
                // one without a metric means any, the first that matches
                socket.execute(message("delete", RTM_DELROUTE, 0, linkIndex, address, prefixLength));
            }
        } catch (NetlinkException e) {
            if (e.errno() != Errno.ESRCH && e.errno() != Errno.ENODEV) {
                throw e;
            }
        }
    }

    /** struct rtmsg { u8 family, dst_len, src_len, tos, table, protocol, scope, type; u32 flags } */
    private static NetlinkMessage message(
            String verb, int type, int flags, int linkIndex, InetAddress address, int prefixLength) {
        boolean v4 = address instanceof Inet4Address;
        byte[] network = network(address.getAddress(), prefixLength);
        String operation = verb + " route to the network of " + address.getHostAddress() + "/" + prefixLength
                + " by link " + linkIndex;
        return new NetlinkMessage(operation, type, flags)
                .u8(v4 ? Addresses.AF_INET : Addresses.AF_INET6)
                .u8(prefixLength)
                .u8(0)
                .u8(0)
                .u8(RT_TABLE_MAIN)
                .u8(RTPROT_KERNEL)
                .u8(v4 ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE)
                .u8(RTN_UNICAST)
                .u32(0)
                .attribute(RTA_DST, network)
                .attribute32(RTA_OIF, linkIndex);
    }

    /** The address with its host part zeroed. */
    static byte[] network(byte[] address, int prefixLength) {
        byte[] network = address.clone();
        for (int i = 0; i < network.length; i++) {
            int bits = Math.max(0, Math.min(8, prefixLength - 8 * i));
            network[i] &= (byte) (0xFF00 >> bits);
        }
        return network;
    }
}
