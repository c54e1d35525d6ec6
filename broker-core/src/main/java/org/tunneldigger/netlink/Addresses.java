// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.netlink;

import java.net.Inet4Address;
import java.net.InetAddress;
import org.tunneldigger.nativeio.NativeException;

/** Addresses of interfaces: what {@code ip address} does (linux/if_addr.h). One thread. */
public final class Addresses {
    private static final int RTM_NEWADDR = 20;
    private static final int RTM_DELADDR = 21;
    private static final int IFA_ADDRESS = 1;
    private static final int IFA_LOCAL = 2;
    private static final int IFA_FLAGS = 8;
    private static final int IFA_F_NODAD = 0x02;
    private static final int IFA_F_NOPREFIXROUTE = 0x200;
    static final int AF_INET = 2;
    static final int AF_INET6 = 10;

    private final NetlinkSocket socket;

    Addresses(NetlinkSocket socket) {
        this.socket = socket;
    }

    /** @throws NativeException EEXIST if the interface has the address */
    public void add(int linkIndex, InetAddress address, int prefixLength) throws NativeException {
        int flags = NetlinkMessage.CREATE | NetlinkMessage.EXCLUSIVE;
        socket.execute(message("add address", RTM_NEWADDR, flags, linkIndex, address, prefixLength));
    }

    /**
     * Adds an address without the route to its network, and without asking the link in IPv6 whether somebody else has it.
     *
     * @throws NativeException EEXIST if the interface has the address
     */
    public void addRouteless(int linkIndex, InetAddress address, int prefixLength) throws NativeException {
        int flags = NetlinkMessage.CREATE | NetlinkMessage.EXCLUSIVE;
        socket.execute(message("add address", RTM_NEWADDR, flags, linkIndex, address, prefixLength)
                .attribute32(IFA_FLAGS, IFA_F_NOPREFIXROUTE | IFA_F_NODAD));
    }

    /** @throws NativeException EADDRNOTAVAIL if the interface has no such address */
    public void delete(int linkIndex, InetAddress address, int prefixLength) throws NativeException {
        socket.execute(message("delete address", RTM_DELADDR, 0, linkIndex, address, prefixLength));
    }

    private static NetlinkMessage message(
            String verb, int type, int flags, int linkIndex, InetAddress address, int prefixLength) {
        String operation = verb + " " + address.getHostAddress() + "/" + prefixLength + " of link " + linkIndex;
        byte[] bytes = address.getAddress();
        // struct ifaddrmsg { u8 family, prefixlen, flags, scope; u32 index }
        return new NetlinkMessage(operation, type, flags)
                .u8(address instanceof Inet4Address ? AF_INET : AF_INET6)
                .u8(prefixLength)
                .u8(0)
                .u8(0)
                .u32(linkIndex)
                .attribute(IFA_LOCAL, bytes)
                .attribute(IFA_ADDRESS, bytes);
    }
}
