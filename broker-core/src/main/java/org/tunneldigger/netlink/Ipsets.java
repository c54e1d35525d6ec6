// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.netlink;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.tunneldigger.nativeio.Errno;
import org.tunneldigger.nativeio.NativeException;

/** Sets of addresses: what {@code ipset} does (linux/netfilter/ipset/ip_set.h). One thread. */
public final class Ipsets {
    private static final int SUBSYSTEM = 6;
    private static final int CREATE = 2;
    private static final int ADD = 9;
    private static final int HEADER = 12;
    private static final int ATTR_PROTOCOL = 1;
    private static final int ATTR_NAME = 2;
    private static final int ATTR_TYPE = 3;
    private static final int ATTR_REVISION = 4;
    private static final int ATTR_FAMILY = 5;
    private static final int ATTR_DATA = 7;
    private static final int DATA_IP = 1;
    private static final int DATA_TIMEOUT = 6;
    private static final int IP_V4 = 1;
    private static final int IP_V6 = 2;
    private static final int NETWORK_BYTE_ORDER = 0x4000;
    private static final int PROTOCOL = 6;

    private final NetlinkSocket socket;

    Ipsets(NetlinkSocket socket) {
        this.socket = socket;
    }

    /** The type of a set, {@code hash:ip}; null if there is none of the name. */
    public @Nullable String type(String set) throws NativeException {
        try {
            return socket.get(
                    message("find the ipset " + set, HEADER, set),
                    reply -> reply.attributes(Netfilter.HEADER_SIZE).string(ATTR_TYPE));
        } catch (NativeException e) {
            if (e.errno() == Errno.ENOENT) {
                return null;
            }
            throw explained(e);
        }
    }

    /**
     * Makes a set {@code hash:ip}, unless there is one that is alike.
     *
     * @param timeoutSeconds 0 for none
     */
    public void create(String set, boolean v6, int timeoutSeconds) throws NativeException {
        NetlinkMessage message = message("make the ipset " + set, CREATE, set)
                .attribute(ATTR_TYPE, "hash:ip")
                .attribute8(ATTR_REVISION, 0)
                .attribute8(ATTR_FAMILY, v6 ? Addresses.AF_INET6 : Addresses.AF_INET)
                .nested(ATTR_DATA, data -> timeout(data, timeoutSeconds));
        execute(message);
    }

    /** @param timeoutSeconds 0 leaves it to the set */
    public void add(String set, InetAddress address, int timeoutSeconds) throws NativeException {
        byte[] bytes = address.getAddress();
        execute(message("add to the ipset " + set, ADD, set).nested(ATTR_DATA, data -> {
            data.nested(DATA_IP, ip -> ip.attribute((bytes.length == 4 ? IP_V4 : IP_V6) | NETWORK_BYTE_ORDER, bytes));
            timeout(data, timeoutSeconds);
        }));
    }

    private void execute(NetlinkMessage message) throws NativeException {
        try {
            socket.execute(message);
        } catch (NativeException e) {
            throw explained(e);
        }
    }

    private static void timeout(NetlinkMessage data, int seconds) {
        if (seconds > 0) {
            data.attribute(
                    DATA_TIMEOUT | NETWORK_BYTE_ORDER,
                    ByteBuffer.allocate(4).putInt(seconds).array());
        }
    }

    /** Without EXCLUSIVE the kernel takes what is there already, as {@code ipset -exist} asks. */
    private static NetlinkMessage message(String operation, int command, String set) {
        return Netfilter.header(new NetlinkMessage(operation, SUBSYSTEM << 8 | command, 0), Addresses.AF_INET, 0)
                .attribute8(ATTR_PROTOCOL, PROTOCOL)
                .attribute(ATTR_NAME, set);
    }

    /** ipset has error numbers of its own (enum ipset_errno), for which nobody else has words. */
    private static NativeException explained(NativeException e) {
        String words = switch (e.errno()) {
            case 4097 -> "the set takes no such request, an address of the other family perhaps";
            case 4098 -> "the kernel lacks the set type";
            case 4099 -> "no more sets";
            case 4102 -> "a set of this name is of another type";
            case 4106 -> "the set holds addresses of the other family";
            case 4107 -> "the set has no timeouts";
            case 4109 -> "the set holds no IPv4 addresses";
            case 4110 -> "the set holds no IPv6 addresses";
            case 4352 -> "the set is full";
            default -> "";
        };
        return words.isEmpty() ? e : new NetlinkException(e.operation(), e.errno(), words);
    }
}
