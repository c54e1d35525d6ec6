// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.netlink;

import java.util.List;
import org.tunneldigger.nativeio.Errno;
import org.tunneldigger.nativeio.NativeException;
import org.tunneldigger.nativeio.NetlinkChannel;

/**
 * The kernel's L2TPv3 tunnels and Ethernet sessions: what {@code ip l2tp} does (linux/l2tp.h, linux/genetlink.h), in the network
 * namespace of the thread that opened this. Ids are unsigned 32 bits. One thread.
 */
public final class L2tpNetlink implements AutoCloseable {
    private static final String FAMILY = "l2tp";
    private static final int VERSION = 1;
    private static final int HEADER_SIZE = 4;
    private static final int CMD_TUNNEL_CREATE = 1;
    private static final int CMD_TUNNEL_DELETE = 2;
    private static final int CMD_TUNNEL_GET = 4;
    private static final int CMD_SESSION_CREATE = 5;
    private static final int CMD_SESSION_GET = 8;
    private static final int ATTR_PW_TYPE = 1;
    private static final int ATTR_ENCAP_TYPE = 2;
    private static final int ATTR_PROTO_VERSION = 7;
    private static final int ATTR_IFNAME = 8;
    private static final int ATTR_CONN_ID = 9;
    private static final int ATTR_PEER_CONN_ID = 10;
    private static final int ATTR_SESSION_ID = 11;
    private static final int ATTR_PEER_SESSION_ID = 12;
    private static final int ATTR_FD = 23;
    private static final int PW_TYPE_ETHERNET = 5;
    private static final int ENCAP_UDP = 0;
    private static final int L2TP_V3 = 3;

    private static final int GENL_ID_CTRL = 16;
    private static final int CTRL_CMD_GETFAMILY = 3;
    private static final int CTRL_ATTR_FAMILY_ID = 1;
    private static final int CTRL_ATTR_FAMILY_NAME = 2;

    private final NetlinkSocket socket;
    private final int family;

    private L2tpNetlink(NetlinkSocket socket, int family) {
        this.socket = socket;
        this.family = family;
    }

    /** A tunnel in the kernel. */
    public record Tunnel(long tunnelId, long peerTunnelId) {}

    /** A session in the kernel. */
    public record Session(long tunnelId, long sessionId, long peerSessionId, String interfaceName) {}

    /**
     * The kernel loads its module on demand where it is allowed to.
     *
     * @throws NativeException ENOENT if the kernel has no L2TP
     */
    public static L2tpNetlink open() throws NativeException {
        NetlinkSocket socket = NetlinkSocket.open(NetlinkChannel.GENERIC);
        try {
            return new L2tpNetlink(socket, resolve(socket));
        } catch (NativeException e) {
            socket.close();
            throw e;
        }
    }

    /**
     * Makes a UDP socket carry a tunnel: from now on its data packets stay in the kernel, the others still reach the socket.
     *
     * @param fd of this process
     * @throws NativeException EEXIST if the id is taken, EBUSY if the socket carries a tunnel, EBADF
     */
    public void tunnelCreate(long tunnelId, long peerTunnelId, int fd) throws NativeException {
        String operation = "create L2TP tunnel " + tunnelId;
        if (fd < 0) {
            // the kernel would take it as "none", and open a socket of its own
            throw new NetlinkException(operation, Errno.EBADF, "");
        }
        socket.execute(message(operation, CMD_TUNNEL_CREATE)
                .attribute32(ATTR_CONN_ID, (int) tunnelId)
                .attribute32(ATTR_PEER_CONN_ID, (int) peerTunnelId)
                .attribute8(ATTR_PROTO_VERSION, L2TP_V3)
                .attribute16(ATTR_ENCAP_TYPE, ENCAP_UDP)
                .attribute32(ATTR_FD, fd));
    }

    /** Deletes a tunnel with its sessions; the kernel does so some time after this returned. */
    public void tunnelDelete(long tunnelId) throws NativeException {
        socket.execute(
                message("delete L2TP tunnel " + tunnelId, CMD_TUNNEL_DELETE).attribute32(ATTR_CONN_ID, (int) tunnelId));
    }

    /**
     * Creates a session and its Ethernet interface, which is down. Frames are sent with the default sublayer of four zero bytes.
     *
     * @throws NativeException EEXIST if the interface's name or the id is taken, EPROTONOSUPPORT without the module l2tp_eth
     */
    public void sessionCreate(long tunnelId, long sessionId, long peerSessionId, String interfaceName)
            throws NativeException {
        String operation = "create L2TP session " + sessionId + " of tunnel " + tunnelId + " as " + interfaceName;
        socket.execute(message(operation, CMD_SESSION_CREATE)
                .attribute32(ATTR_CONN_ID, (int) tunnelId)
                .attribute32(ATTR_SESSION_ID, (int) sessionId)
                .attribute32(ATTR_PEER_SESSION_ID, (int) peerSessionId)
                .attribute16(ATTR_PW_TYPE, PW_TYPE_ETHERNET)
                .attribute(ATTR_IFNAME, interfaceName));
    }

    public List<Tunnel> tunnels() throws NativeException {
        return socket.dump(message("list L2TP tunnels", CMD_TUNNEL_GET), reply -> {
            Attributes attributes = reply.attributes(HEADER_SIZE);
            return new Tunnel(unsigned(attributes, ATTR_CONN_ID), unsigned(attributes, ATTR_PEER_CONN_ID));
        });
    }

    public List<Session> sessions() throws NativeException {
        return socket.dump(message("list L2TP sessions", CMD_SESSION_GET), reply -> {
            Attributes attributes = reply.attributes(HEADER_SIZE);
            return new Session(
                    unsigned(attributes, ATTR_CONN_ID),
                    unsigned(attributes, ATTR_SESSION_ID),
                    unsigned(attributes, ATTR_PEER_SESSION_ID),
                    attributes.string(ATTR_IFNAME));
        });
    }

    /** Idempotent. */
    @Override
    public void close() {
        socket.close();
    }

    private static int resolve(NetlinkSocket socket) throws NativeException {
        NetlinkMessage request = header(
                        new NetlinkMessage("find netlink family l2tp", GENL_ID_CTRL, 0), CTRL_CMD_GETFAMILY)
                .attribute(CTRL_ATTR_FAMILY_NAME, FAMILY);
        return socket.get(request, reply -> reply.attributes(HEADER_SIZE).u16(CTRL_ATTR_FAMILY_ID, 0));
    }

    private NetlinkMessage message(String operation, int command) {
        return header(new NetlinkMessage(operation, family, 0), command);
    }

    /** struct genlmsghdr { u8 command, version; u16 reserved } */
    private static NetlinkMessage header(NetlinkMessage message, int command) {
        return message.u8(command).u8(VERSION).u16(0);
    }

    private static long unsigned(Attributes attributes, int type) {
        return Integer.toUnsignedLong(attributes.u32(type, 0));
    }
}
