// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.nativeio;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.tunneldigger.protocol.Endpoint;

/**
 * Room for one received datagram, or a train of them, and its addresses, filled by {@link UdpSocket#receive} again and again. Used by one thread; all
 * that it returned is overwritten by the next receive, the endpoints aside.
 */
public final class Datagram {
    /** Bytes of payload that fit: more than a datagram can have, or a train of them. */
    public static final int CAPACITY = 1 << 16;

    // struct msghdr and struct iovec (sys/socket.h, bits/types/struct_iovec.h), then what they point to
    private static final int NAME = 0;
    private static final int NAME_LENGTH = 8;
    private static final int IOV = 16;
    private static final int IOV_COUNT = 24;
    private static final int CONTROL = 32;
    private static final int CONTROL_LENGTH = 40;
    private static final int FLAGS = 48;
    private static final int IOVEC = 56;
    private static final int ADDRESS = 72;
    private static final int ANCILLARY = 104;
    private static final int ANCILLARY_SIZE = 64;
    private static final int HEADER_SIZE = ANCILLARY + ANCILLARY_SIZE;

    private static final int CMSG_HEADER = 16;
    private static final int NONE = -1;

    private final OffHeap header = new OffHeap(HEADER_SIZE);
    private final OffHeap payload;
    private final ByteBuffer buffer;
    private Endpoint boundTo = Endpoint.v4(0, 0);
    private int pieceLength;
    private @Nullable Endpoint remote;
    private @Nullable Endpoint local;

    public Datagram() {
        this(CAPACITY);
    }

    /** @param capacity bytes that fit; what is longer is cut */
    Datagram(int capacity) {
        payload = new OffHeap(capacity);
        buffer = payload.network;
        header.host
                .putLong(NAME, header.address + ADDRESS)
                .putLong(IOV, header.address + IOVEC)
                .putLong(IOV_COUNT, 1)
                .putLong(CONTROL, header.address + ANCILLARY)
                .putLong(IOVEC, payload.address)
                .putLong(IOVEC + 8, capacity);
        buffer.limit(0);
    }

    /** The payload: a direct buffer in network order, position 0, limit the length. */
    public ByteBuffer buffer() {
        return buffer;
    }

    public int length() {
        return buffer.limit();
    }

    /** Where the payload lies, at offset 0. */
    public OffHeap memory() {
        return payload;
    }

    /**
     * The length of each datagram but the last, if these are several ({@link UdpSocket#receiveTrains}); else {@link #length}.
     */
    public int pieceLength() {
        return pieceLength;
    }

    /** Whom it came from; on a connected socket as well. */
    public Endpoint remote() {
        if (remote == null) {
            remote = SocketAddress.get(header, ADDRESS);
        }
        return remote;
    }

    /**
     * The address that the sender asked, with the socket's port. On a socket without {@link UdpSocket#packetInfo} it is what the
     * socket is bound to, a wildcard perhaps.
     */
    public Endpoint local() {
        if (local == null) {
            local = readLocal();
        }
        return local;
    }

    /** Receives into this object. Returns the length or a negative error number. */
    int receiveFrom(int fd, Endpoint socketBoundTo) {
        header.host
                .putInt(NAME_LENGTH, SocketAddress.MAX_SIZE)
                .putLong(CONTROL_LENGTH, ANCILLARY_SIZE)
                .putInt(FLAGS, 0);
        int length = LibC.orNegativeErrno(LibC.CALLS.recvmsg(fd, header.address, 0));
        received(length, socketBoundTo);
        return length;
    }

    private void received(int length, Endpoint socketBoundTo) {
        buffer.position(0).limit(Math.max(0, length));
        boundTo = socketBoundTo;
        remote = null;
        local = null;
        int piece = ancillary(UdpSocket.IPPROTO_UDP, UdpSocket.UDP_GRO);
        pieceLength = piece == NONE ? length : header.host.getInt(piece);
    }

    /** Makes the {@code msghdr} at this offset of a batch's vector point to this object's memory. */
    void attachTo(OffHeap vector, int offset) {
        vector.host.put(offset, header.host, 0, IOVEC);
    }

    /** Before a batch's receive: the lengths that the kernel overwrites. */
    static void resetLengths(OffHeap vector, int offset) {
        vector.host
                .putInt(offset + NAME_LENGTH, SocketAddress.MAX_SIZE)
                .putLong(offset + CONTROL_LENGTH, ANCILLARY_SIZE)
                .putInt(offset + FLAGS, 0);
    }

    /** After a batch's receive: takes over what the kernel wrote at this offset of the vector. */
    void takeFrom(OffHeap vector, int offset, int length, Endpoint socketBoundTo) {
        header.host
                .putLong(CONTROL_LENGTH, vector.host.getLong(offset + CONTROL_LENGTH))
                .putInt(FLAGS, vector.host.getInt(offset + FLAGS));
        received(length, socketBoundTo);
    }

    private Endpoint readLocal() {
        int v4 = ancillary(UdpSocket.IPPROTO_IP, UdpSocket.IP_PKTINFO);
        if (v4 != NONE) {
            // struct in_pktinfo: ipi_spec_dst is the address to answer from, also for a broadcast
            return Endpoint.v4(header.network.getInt(v4 + 4), boundTo.port());
        }
        int v6 = ancillary(UdpSocket.IPPROTO_IPV6, UdpSocket.IPV6_PKTINFO);
        return v6 == NONE
                ? boundTo
                : Endpoint.v6(
                        header.network.getLong(v6),
                        header.network.getLong(v6 + 8),
                        header.host.getInt(v6 + 16),
                        boundTo.port());
    }

    /** Where the data of an ancillary message is, or {@link #NONE}. */
    private int ancillary(int level, int type) {
        int end = ANCILLARY + (int) header.host.getLong(CONTROL_LENGTH);
        int at = ANCILLARY;
        while (at + CMSG_HEADER <= end) {
            int length = (int) header.host.getLong(at);
            if (length < CMSG_HEADER) {
                break;
            }
            if (header.host.getInt(at + 8) == level && header.host.getInt(at + 12) == type) {
                return at + CMSG_HEADER;
            }
            at += (length + 7) & ~7;
        }
        return NONE;
    }
}
