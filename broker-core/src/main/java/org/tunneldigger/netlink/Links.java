// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.netlink;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.tunneldigger.nativeio.Errno;
import org.tunneldigger.nativeio.NativeException;

/** Network interfaces: what {@code ip link} and {@code bridge link} do (linux/if_link.h, linux/rtnetlink.h). One thread. */
public final class Links {
    private static final int RTM_NEWLINK = 16;
    private static final int RTM_DELLINK = 17;
    private static final int RTM_GETLINK = 18;
    private static final int RTM_SETLINK = 19;
    private static final int AF_UNSPEC = 0;
    private static final int AF_BRIDGE = 7;
    private static final int IFF_UP = 1;
    private static final int IFLA_ADDRESS = 1;
    private static final int IFLA_IFNAME = 3;
    private static final int IFLA_MTU = 4;
    private static final int IFLA_MASTER = 10;
    private static final int IFLA_PROTINFO = 12;
    private static final int IFLA_LINKINFO = 18;
    private static final int IFLA_AF_SPEC = 26;
    private static final int IFLA_GROUP = 27;
    private static final int IFLA_EXT_MASK = 29;
    /** Those make up most of the answer. */
    private static final int SKIP_STATISTICS = 8;

    private static final int IFLA_INFO_KIND = 1;
    private static final int IFLA_INFO_DATA = 2;
    private static final int IFLA_INFO_SLAVE_KIND = 4;
    private static final int IFLA_INFO_SLAVE_DATA = 5;
    private static final int VETH_INFO_PEER = 1;
    private static final int IFLA_BRPORT_ISOLATED = 33;
    private static final int IFLA_BR_STP_STATE = 5;
    private static final int IFLA_BR_MCAST_SNOOPING = 23;
    private static final int AF_INET6 = 10;
    private static final int IFLA_INET6_ADDR_GEN_MODE = 8;
    private static final int ADDR_GEN_EUI64 = 0;
    private static final int ADDR_GEN_NONE = 1;
    private static final int HEADER_SIZE = 16;

    private final NetlinkSocket socket;

    Links(NetlinkSocket socket) {
        this.socket = socket;
    }

    /** The link, or null if there is none of the name. */
    public @Nullable Link byName(String name) throws NativeException {
        NetlinkMessage request = header(new NetlinkMessage("get link " + name, RTM_GETLINK, 0), AF_UNSPEC, 0, 0, 0);
        return find(request.attribute(IFLA_IFNAME, name).attribute32(IFLA_EXT_MASK, SKIP_STATISTICS));
    }

    /** The index of a link that is there, or 0; unlike {@link #byName} it doesn't wait for those who change links. */
    public int indexOf(String name) {
        return socket.interfaceIndex(name);
    }

    /** Whether a link is there and up, asked in the same way. */
    public boolean isUp(String name) {
        return (socket.interfaceFlags(name) & IFF_UP) != 0;
    }

    /** The link, or null if there is none of the index. */
    public @Nullable Link byIndex(int index) throws NativeException {
        return find(header(new NetlinkMessage("get link " + index, RTM_GETLINK, 0), AF_UNSPEC, index, 0, 0));
    }

    public List<Link> all() throws NativeException {
        NetlinkMessage request = header(new NetlinkMessage("list links", RTM_GETLINK, 0), AF_UNSPEC, 0, 0, 0);
        return socket.dump(request, Links::parse);
    }

    /** The links of a kind ({@link Link#kind}). */
    public List<Link> ofKind(String kind) throws NativeException {
        NetlinkMessage request = header(new NetlinkMessage("list links", RTM_GETLINK, 0), AF_UNSPEC, 0, 0, 0);
        // older kernels list all
        return filtered(
                request.nested(IFLA_LINKINFO, info -> info.attribute(IFLA_INFO_KIND, kind)),
                link -> link.kind().equals(kind));
    }

    /** The ports of a bridge, or the links under another master. */
    public List<Link> under(int masterIndex) throws NativeException {
        NetlinkMessage request = header(new NetlinkMessage("list links", RTM_GETLINK, 0), AF_UNSPEC, 0, 0, 0);
        return filtered(request.attribute32(IFLA_MASTER, masterIndex), link -> link.master() == masterIndex);
    }

    private List<Link> filtered(NetlinkMessage request, Predicate<Link> condition) throws NativeException {
        return socket.dump(request, reply -> {
            Link link = parse(reply);
            return condition.test(link) ? link : null;
        });
    }

    /** Sets the MTU of the link of this name; by {@code ioctl}, as it is asked for each new tunnel. */
    public void setMtu(String name, int mtu) throws NativeException {
        socket.setInterfaceMtu(name, mtu);
    }

    public void setMtu(int index, int mtu) throws NativeException {
        socket.execute(change("set MTU of link " + index + " to " + mtu, index).attribute32(IFLA_MTU, mtu));
    }

    public void setUp(int index) throws NativeException {
        socket.execute(up(index));
    }

    public void setDown(int index) throws NativeException {
        socket.execute(down(index));
    }

    /** @param group number that {@link #deleteGroup} knows the link by; 0 is that of all links */
    public void setGroup(int index, int group) throws NativeException {
        socket.execute(change("set group of link " + index, index).attribute32(IFLA_GROUP, group));
    }

    /** Deletes all links of a group in one go; throws ENODEV if there is none. */
    public void deleteGroup(int group) throws NativeException {
        NetlinkMessage request = new NetlinkMessage("delete links of group " + group, RTM_DELLINK, 0);
        socket.execute(header(request, AF_UNSPEC, 0, 0, 0).attribute32(IFLA_GROUP, group));
    }

    public void delete(int index) throws NativeException {
        NetlinkMessage request = new NetlinkMessage("delete link " + index, RTM_DELLINK, 0);
        socket.execute(header(request, AF_UNSPEC, index, 0, 0));
    }

    /** Creates two ends of a wire, both down. */
    public void createVeth(String name, String peerName) throws NativeException {
        socket.execute(create(name)
                .nested(
                        IFLA_LINKINFO,
                        info -> info.attribute(IFLA_INFO_KIND, "veth")
                                .nested(
                                        IFLA_INFO_DATA,
                                        data -> data.nested(
                                                VETH_INFO_PEER,
                                                peer -> header(peer, AF_UNSPEC, 0, 0, 0)
                                                        .attribute(IFLA_IFNAME, peerName)))));
    }

    /** Creates a bridge, down. */
    public void createBridge(String name) throws NativeException {
        socket.execute(create(name).nested(IFLA_LINKINFO, info -> info.attribute(IFLA_INFO_KIND, "bridge")));
    }

    /** @param address six bytes */
    public void setMacAddress(int index, byte[] address) throws NativeException {
        socket.execute(
                change("set the hardware address of link " + index, index).attribute(IFLA_ADDRESS, address));
    }

    /** Whether the kernel runs the spanning tree protocol on a bridge. */
    public void setStp(int bridgeIndex, boolean on) throws NativeException {
        socket.execute(bridge(
                "set STP of bridge " + bridgeIndex,
                bridgeIndex,
                data -> data.attribute32(IFLA_BR_STP_STATE, on ? 1 : 0)));
    }

    /** Whether a bridge sends multicast only to the ports that asked for it. */
    public void setMulticastSnooping(int bridgeIndex, boolean on) throws NativeException {
        String operation = "set multicast snooping of bridge " + bridgeIndex;
        socket.execute(bridge(operation, bridgeIndex, data -> data.attribute8(IFLA_BR_MCAST_SNOOPING, on ? 1 : 0)));
    }

    private static NetlinkMessage bridge(String operation, int index, Consumer<NetlinkMessage> data) {
        return change(operation, index)
                .nested(
                        IFLA_LINKINFO,
                        info -> info.attribute(IFLA_INFO_KIND, "bridge").nested(IFLA_INFO_DATA, data));
    }

    /** Makes a link a port of a bridge, or moves it there from another. */
    public void enslave(int index, int bridgeIndex) throws NativeException {
        socket.execute(master(index, bridgeIndex));
    }

    /**
     * Makes a link a port of a bridge, or moves it there from another, and takes it up: in one batch down, in, isolated or not,
     * up. A port that is up forwards from the moment of its enslavement, so it is down until it is isolated; a link that is down already
     * is spared the first request, as each waits for the kernel's lock.
     *
     * <p>The kernel carries out what follows a failed request. So isolation, MTU and "up" are one request of which it does
     * the next only after the one before (rtnl_newlink: the port's own settings, then do_setlink: MTU, then flags); and a
     * link that did not get into the bridge is out of the old one too, where that request is refused. After a failure the
     * link is down.
     *
     * @param isUp whether the link is up
     */
    public void attachPort(int index, boolean isUp, int bridgeIndex, int mtu, boolean isolated) throws NativeException {
        NetlinkMessage noAddress = addressGeneration(index, ADDR_GEN_NONE);
        NetlinkMessage in = master(index, bridgeIndex);
        NetlinkMessage up = isolatedAndUp(index, mtu, isolated);
        if (isUp) {
            socket.execute(noAddress, down(index), in, up);
        } else {
            socket.execute(noAddress, in, up);
        }
    }

    /** As {@link #attachPort} for a link that is in its bridge already: it is not taken down. */
    public void adjustPort(int index, int mtu, boolean isolated) throws NativeException {
        socket.execute(isolatedAndUp(index, mtu, isolated));
    }

    /** Puts a link under a master that is no bridge, or moves it there, and takes it up. After a failure it is down. */
    public void attachToMaster(int index, int masterIndex, int mtu) throws NativeException {
        String operation = "put link " + index + " under " + masterIndex;
        socket.execute(
                down(index), change(operation, index).attribute32(IFLA_MTU, mtu).attribute32(IFLA_MASTER, masterIndex));
        // apart from the others: the kernel carries out what follows a failed request
        socket.execute(up(index));
    }

    /** As {@link #attachToMaster} for a link that is there already: it is not taken down. */
    public void adjust(int index, int mtu) throws NativeException {
        socket.execute(header(
                        new NetlinkMessage("set link " + index + " up with MTU " + mtu, RTM_NEWLINK, 0),
                        AF_UNSPEC,
                        index,
                        IFF_UP,
                        IFF_UP)
                .attribute32(IFLA_MTU, mtu));
    }

    /** Takes a link out of its bridge. */
    public void release(int index) throws NativeException {
        socket.execute(addressGeneration(index, ADDR_GEN_EUI64), master(index, 0));
    }

    /** Forbids or allows a bridge port to reach the bridge's other isolated ports. */
    public void setIsolated(int index, boolean isolated) throws NativeException {
        socket.execute(isolated(index, isolated));
    }

    private @Nullable Link find(NetlinkMessage request) throws NativeException {
        try {
            return socket.get(request, Links::parse);
        } catch (NativeException e) {
            if (e.errno() == Errno.ENODEV) {
                return null;
            }
            throw e;
        }
    }

    private static Link parse(NetlinkReply reply) {
        Attributes attributes = reply.attributes(HEADER_SIZE);
        return new Link(
                reply.u32(4),
                attributes.string(IFLA_IFNAME),
                attributes.u32(IFLA_MTU, 0),
                (reply.u32(8) & IFF_UP) != 0,
                attributes.u32(IFLA_MASTER, 0),
                attributes.nested(IFLA_LINKINFO).string(IFLA_INFO_KIND));
    }

    private static NetlinkMessage up(int index) {
        return header(
                new NetlinkMessage("set link " + index + " up", RTM_NEWLINK, 0), AF_UNSPEC, index, IFF_UP, IFF_UP);
    }

    private static NetlinkMessage down(int index) {
        return header(new NetlinkMessage("set link " + index + " down", RTM_NEWLINK, 0), AF_UNSPEC, index, 0, IFF_UP);
    }

    private static NetlinkMessage master(int index, int bridgeIndex) {
        String operation = bridgeIndex == 0
                ? "release link " + index + " from its bridge"
                : "enslave link " + index + " to " + bridgeIndex;
        return change(operation, index).attribute32(IFLA_MASTER, bridgeIndex);
    }

    private static NetlinkMessage isolated(int index, boolean isolated) {
        String operation = (isolated ? "isolate port " : "stop isolating port ") + index;
        return header(new NetlinkMessage(operation, RTM_SETLINK, 0), AF_BRIDGE, index, 0, 0)
                .nested(IFLA_PROTINFO, port -> port.attribute8(IFLA_BRPORT_ISOLATED, isolated ? 1 : 0));
    }

    private static NetlinkMessage isolatedAndUp(int index, int mtu, boolean isolated) {
        String operation = "set " + (isolated ? "isolated" : "open") + " port " + index + " up with MTU " + mtu;
        return header(new NetlinkMessage(operation, RTM_NEWLINK, 0), AF_UNSPEC, index, IFF_UP, IFF_UP)
                .attribute32(IFLA_MTU, mtu)
                .nested(
                        IFLA_LINKINFO,
                        info -> info.attribute(IFLA_INFO_SLAVE_KIND, "bridge")
                                .nested(
                                        IFLA_INFO_SLAVE_DATA,
                                        port -> port.attribute8(IFLA_BRPORT_ISOLATED, isolated ? 1 : 0)));
    }

    /**
     * Whether a link gets an IPv6 address by itself. A bridge's port needs none, and with a thousand ports the kernel spends more time
     * on their addresses and routes than on all else. A kernel without IPv6 refuses that.
     */
    private static NetlinkMessage addressGeneration(int index, int mode) {
        return change("set the IPv6 address generation of link " + index, index)
                .composed(
                        IFLA_AF_SPEC,
                        families -> families.composed(
                                AF_INET6, family -> family.attribute8(IFLA_INET6_ADDR_GEN_MODE, mode)))
                .dispensable();
    }

    private static NetlinkMessage create(String name) {
        int flags = NetlinkMessage.CREATE | NetlinkMessage.EXCLUSIVE;
        return header(new NetlinkMessage("create link " + name, RTM_NEWLINK, flags), AF_UNSPEC, 0, 0, 0)
                .attribute(IFLA_IFNAME, name);
    }

    private static NetlinkMessage change(String operation, int index) {
        return header(new NetlinkMessage(operation, RTM_NEWLINK, 0), AF_UNSPEC, index, 0, 0);
    }

    /** struct ifinfomsg { u8 family, pad; u16 type; int index; u32 flags, change } */
    private static NetlinkMessage header(NetlinkMessage message, int family, int index, int flags, int changeMask) {
        return message.u8(family).u8(0).u16(0).u32(index).u32(flags).u32(changeMask);
    }
}
