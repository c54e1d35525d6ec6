// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.netlink;

import java.nio.ByteBuffer;
import org.tunneldigger.nativeio.NativeException;

/**
 * One netfilter netlink socket and what is done through it (linux/netfilter/nfnetlink.h), in the network namespace of the
 * thread that opened it. Used by one thread at a time, its parts included.
 */
public final class Netfilter implements AutoCloseable {
    static final int HEADER_SIZE = 4;

    private static final int NETLINK_NETFILTER = 12;

    private final NetlinkSocket socket;
    private final Nftables nftables;
    private final Ipsets ipsets;

    private Netfilter(NetlinkSocket socket) {
        this.socket = socket;
        nftables = new Nftables(socket);
        ipsets = new Ipsets(socket);
    }

    public static Netfilter open() throws NativeException {
        return new Netfilter(NetlinkSocket.open(NETLINK_NETFILTER));
    }

    public Nftables nftables() {
        return nftables;
    }

    public Ipsets ipsets() {
        return ipsets;
    }

    /** Idempotent. */
    @Override
    public void close() {
        socket.close();
    }

    /** struct nfgenmsg { u8 family, version; be16 resource } */
    static NetlinkMessage header(NetlinkMessage message, int family, int resource) {
        return message.u8(family).u8(0).u8(resource >> 8).u8(resource);
    }

    /** A number in network byte order, as netfilter has nearly all of them. */
    static NetlinkMessage number(NetlinkMessage message, int type, int value) {
        return message.attribute(type, ByteBuffer.allocate(4).putInt(value).array());
    }
}
