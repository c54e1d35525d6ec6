// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.nativeio;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.tunneldigger.protocol.Endpoint;

/**
 * The structures of a {@code sendmsg}, written anew for each: with a destination and a chosen source address, or to the peer and
 * with the length of the datagrams that the kernel is to make of it.
 */
final class OutgoingMessage {
    private static final int NAME = 0;
    private static final int NAME_LENGTH = 8;
    private static final int IOV = 16;
    private static final int IOV_COUNT = 24;
    private static final int CONTROL = 32;
    private static final int CONTROL_LENGTH = 40;
    private static final int IOVEC = 56;
    private static final int ADDRESS = 72;
    private static final int ANCILLARY = 104;
    private static final int ANCILLARY_DATA = ANCILLARY + 16;

    // cmsg_len is header + data; the control length counts the padding to 8 too
    private static final int V4_INFO_LENGTH = 16 + 12;
    private static final int V6_INFO_LENGTH = 16 + 20;
    private static final int SEGMENT_INFO_LENGTH = 16 + 2;
    private static final int SEGMENT_CONTROL_LENGTH = 24;
    private static final int V4_CONTROL_LENGTH = 32;
    private static final int V6_CONTROL_LENGTH = 40;

    private final OffHeap memory = new OffHeap(ANCILLARY + V6_CONTROL_LENGTH);

    int send(int fd, ByteBuffer payload, Endpoint to, @Nullable Endpoint from) {
        put(memory, 0, LibC.address(payload) + payload.position(), payload.remaining(), to, from);
        long sent = LibC.CALLS.sendmsg(fd, memory.address, 0);
        Reference.reachabilityFence(payload);
        Reference.reachabilityFence(memory);
        return LibC.orNegativeErrno(sent);
    }

    /** @param datagramLength 0 for a single datagram */
    int send(int fd, IoVector pieces, int from, int to, int datagramLength) {
        memory.host
                .putLong(NAME, 0)
                .putInt(NAME_LENGTH, 0)
                .putLong(IOV, pieces.address(from))
                .putLong(IOV_COUNT, to - from)
                .putLong(CONTROL, datagramLength == 0 ? 0 : memory.address + ANCILLARY)
                .putLong(CONTROL_LENGTH, datagramLength == 0 ? 0 : SEGMENT_CONTROL_LENGTH);
        if (datagramLength != 0) {
            memory.host
                    .putLong(ANCILLARY, SEGMENT_INFO_LENGTH)
                    .putInt(ANCILLARY + 8, UdpSocket.IPPROTO_UDP)
                    .putInt(ANCILLARY + 12, UdpSocket.UDP_SEGMENT)
                    .putShort(ANCILLARY_DATA, (short) datagramLength);
        }
        long sent = LibC.CALLS.sendmsg(fd, memory.address, 0);
        Reference.reachabilityFence(pieces);
        Reference.reachabilityFence(memory);
        return LibC.orNegativeErrno(sent);
    }

    /**
     * Writes a {@code msghdr} at this offset of a vector; what it points to is this object's memory, and the payload's.
     *
     * @param to null on a connected socket
     */
    void put(
            OffHeap vector,
            int offset,
            long payloadAddress,
            int length,
            @Nullable Endpoint to,
            @Nullable Endpoint from) {
        int controlLength = from == null ? 0 : putSource(from);
        memory.host.putLong(IOVEC, payloadAddress).putLong(IOVEC + 8, length);
        vector.host
                .putLong(offset + NAME, to == null ? 0 : memory.address + ADDRESS)
                .putInt(offset + NAME_LENGTH, to == null ? 0 : SocketAddress.put(memory, ADDRESS, to))
                .putLong(offset + IOV, memory.address + IOVEC)
                .putLong(offset + IOV_COUNT, 1)
                .putLong(offset + CONTROL, controlLength == 0 ? 0 : memory.address + ANCILLARY)
                .putLong(offset + CONTROL_LENGTH, controlLength);
    }

    private int putSource(Endpoint from) {
        if (from.v6()) {
            // struct in6_pktinfo: address, interface index
            memory.host
                    .putLong(ANCILLARY, V6_INFO_LENGTH)
                    .putInt(ANCILLARY + 8, UdpSocket.IPPROTO_IPV6)
                    .putInt(ANCILLARY + 12, UdpSocket.IPV6_PKTINFO)
                    .putInt(ANCILLARY_DATA + 16, from.scope());
            memory.network.putLong(ANCILLARY_DATA, from.high()).putLong(ANCILLARY_DATA + 8, from.low());
            return V6_CONTROL_LENGTH;
        }
        // struct in_pktinfo: interface index, source, (destination as received)
        memory.host
                .putLong(ANCILLARY, V4_INFO_LENGTH)
                .putInt(ANCILLARY + 8, UdpSocket.IPPROTO_IP)
                .putInt(ANCILLARY + 12, UdpSocket.IP_PKTINFO)
                .putLong(ANCILLARY_DATA, 0)
                .putInt(ANCILLARY_DATA + 8, 0);
        memory.network.putInt(ANCILLARY_DATA + 4, (int) from.low());
        return V4_CONTROL_LENGTH;
    }
}
