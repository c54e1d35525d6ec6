// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.datapath.tap;

import static org.tunneldigger.datapath.tap.Headers.*;

import java.nio.ByteBuffer;
import org.tunneldigger.nativeio.InternetChecksum;
import org.tunneldigger.nativeio.IoVector;
import org.tunneldigger.nativeio.OffHeap;
import org.tunneldigger.nativeio.VirtioHeader;

/**
 * Joins segments of one TCP connection that follow each other to one frame, as the kernel's "generic receive offload" would
 * (net/ipv4/tcp_offload.c, tcp_gro_receive; its conditions are kept): the kernel then handles them as one. All other frames pass as
 * they are, and the order stays. A segment with a wrong checksum is never joined, so it stays wrong. One thread.
 *
 * <p>Nothing is copied: a frame's pieces are where they were received, and the {@link VirtioHeader} is written to the bytes before the
 * first, where the tunnel's header was.
 */
final class TcpJoiner {
    /** Bytes that must be free to use before each frame. */
    static final int ROOM_BEFORE = VirtioHeader.SIZE;

    private static final int MOST_SEGMENTS = 64;
    private static final int LONGEST_PACKET = 0xFFFF;
    private static final int ACK = 0x10;
    private static final int PUSH = 0x08;
    private static final int CHECKSUM_OFFSET = 16;
    private static final int DONT_FRAGMENT = 0x4000;
    private static final int FRAGMENT_BITS = 0xBFFF;

    /** Takes a {@link VirtioHeader} and a frame. */
    interface Output {
        void write(IoVector frame);
    }

    private final IoVector pieces = new IoVector(MOST_SEGMENTS);
    private Segment first = new Segment();
    private Segment next = new Segment();
    private int segments;
    private int bodyBytes;
    private boolean pushed;
    private boolean complete;

    /** A frame whose headers are those of a segment that may be joined with others. */
    private static final class Segment {
        private OffHeap memory = new OffHeap(0);
        private ByteBuffer bytes = memory.network();
        private boolean v6;
        private int frame;
        private int ip;
        private int tcp;
        private int body;
        private int bodyLength;

        /** False if it is no segment of TCP with payload, or one that must stay alone. */
        boolean take(OffHeap from, int start, int length) {
            memory = from;
            bytes = from.network();
            frame = start;
            ip = start + ETHERNET_LENGTH;
            int packetLength = length - ETHERNET_LENGTH;
            if (packetLength < IPV4_LENGTH + TCP_LENGTH) {
                return false;
            }
            v6 = bytes.getShort(ip - 2) == ETHERTYPE_IPV6;
            tcp = ip + (v6 ? IPV6_LENGTH : IPV4_LENGTH);
            if (!(v6 ? plainV6(packetLength) : plainV4(packetLength))) {
                return false;
            }
            int tcpHeader = tcpLength(bytes, tcp);
            body = tcp + tcpHeader;
            bodyLength = start + length - body;
            return tcpHeader >= TCP_LENGTH
                    && bodyLength > 0
                    && (bytes.getShort(tcp + TCP_FLAGS - 1) & 0x0FFF & ~PUSH) == ACK
                    && InternetChecksum.fold(pseudoHeaderSum(memory, ip, v6, tcpHeader + bodyLength)
                                    + InternetChecksum.sum(memory, tcp, tcpHeader + bodyLength))
                            == 0xFFFF;
        }

        private boolean plainV4(int packetLength) {
            return bytes.getShort(ip - 2) == ETHERTYPE_IPV4
                    && bytes.get(ip) == 0x45
                    && bytes.get(ip + IPV4_PROTOCOL) == PROTOCOL_TCP
                    && (bytes.getShort(ip + IPV4_TOTAL_LENGTH) & 0xFFFF) == packetLength
                    && (bytes.getShort(ip + IPV4_FRAGMENT) & FRAGMENT_BITS) == 0
                    && InternetChecksum.sum(memory, ip, IPV4_LENGTH) == 0xFFFF;
        }

        private boolean plainV6(int packetLength) {
            return packetLength >= IPV6_LENGTH + TCP_LENGTH
                    && (bytes.get(ip) & 0xF0) == 0x60
                    && bytes.get(ip + IPV6_NEXT_HEADER) == PROTOCOL_TCP
                    && (bytes.getShort(ip + IPV6_PAYLOAD_LENGTH) & 0xFFFF) == packetLength - IPV6_LENGTH;
        }

        /** Whether this one continues a connection of which {@code segments} with so many bytes were joined to the other. */
        boolean follows(Segment other, int segments, int bytesBefore) {
            return v6 == other.v6
                    && body - frame == other.body - other.frame
                    && bodyLength <= other.bodyLength
                    && body - ip + bytesBefore + bodyLength <= LONGEST_PACKET
                    && bytes.getInt(tcp + TCP_SEQUENCE) == other.bytes.getInt(other.tcp + TCP_SEQUENCE) + bytesBefore
                    && same(other, frame, ip)
                    && (v6 ? sameV6(other) : sameV4(other, segments))
                    && same(other, tcp, tcp + TCP_SEQUENCE)
                    && same(other, tcp + TCP_ACKNOWLEDGEMENT, tcp + TCP_FLAGS)
                    && same(other, tcp + TCP_WINDOW, tcp + TCP_CHECKSUM)
                    && same(other, tcp + TCP_CHECKSUM + 2, body);
        }

        private boolean sameV4(Segment other, int segments) {
            int fragment = bytes.getShort(ip + IPV4_FRAGMENT);
            int idsBefore = bytes.getShort(ip + IPV4_ID) - other.bytes.getShort(other.ip + IPV4_ID) & 0xFFFF;
            return same(other, ip, ip + IPV4_TOTAL_LENGTH)
                    && same(other, ip + IPV4_FRAGMENT, ip + IPV4_CHECKSUM)
                    && same(other, ip + IPV4_ADDRESSES, tcp)
                    && ((fragment & DONT_FRAGMENT) != 0 || idsBefore == segments);
        }

        private boolean sameV6(Segment other) {
            return same(other, ip, ip + IPV6_PAYLOAD_LENGTH) && same(other, ip + IPV6_NEXT_HEADER, tcp);
        }

        /** Whether bytes of this one are as the other's at the same place. */
        private boolean same(Segment other, int from, int to) {
            int there = other.frame - frame;
            int i = from;
            for (; i + Long.BYTES <= to; i += Long.BYTES) {
                if (bytes.getLong(i) != other.bytes.getLong(i + there)) {
                    return false;
                }
            }
            for (; i < to; i++) {
                if (bytes.get(i) != other.bytes.get(i + there)) {
                    return false;
                }
            }
            return true;
        }

        boolean pushed() {
            return (bytes.get(tcp + TCP_FLAGS) & PUSH) != 0;
        }

        /** Makes the headers those of a frame of several segments that are yet to be cut. */
        void lengthen(int allBodyBytes, boolean push) {
            int tcpAndBody = body - tcp + allBodyBytes;
            if (v6) {
                bytes.putShort(ip + IPV6_PAYLOAD_LENGTH, (short) tcpAndBody);
            } else {
                bytes.putShort(ip + IPV4_TOTAL_LENGTH, (short) (IPV4_LENGTH + tcpAndBody));
                bytes.putShort(ip + IPV4_CHECKSUM, (short) 0);
                bytes.putShort(ip + IPV4_CHECKSUM, (short) ~InternetChecksum.sum(memory, ip, IPV4_LENGTH));
            }
            bytes.put(tcp + TCP_FLAGS, (byte) (bytes.get(tcp + TCP_FLAGS) | (push ? PUSH : 0)));
            int sum = InternetChecksum.fold(pseudoHeaderSum(memory, ip, v6, tcpAndBody));
            bytes.putShort(tcp + TCP_CHECKSUM, (short) sum);
            VirtioHeader.putTcp(
                    memory,
                    frame - VirtioHeader.SIZE,
                    v6 ? VirtioHeader.TCP_V6 : VirtioHeader.TCP_V4,
                    body - frame,
                    bodyLength,
                    tcp - frame,
                    CHECKSUM_OFFSET);
        }
    }

    /**
     * Takes a frame; writes it, or holds it back until {@link #flush}.
     *
     * @param start with {@link #ROOM_BEFORE} bytes before it
     */
    void add(OffHeap memory, int start, int length, Output output) {
        boolean joinable = next.take(memory, start, length);
        if (segments > 0 && !(joinable && !complete && next.follows(first, segments, bodyBytes))) {
            flush(output);
        }
        if (!joinable) {
            VirtioHeader.putPlain(memory, start - VirtioHeader.SIZE);
            pieces.clear();
            pieces.add(memory, start - VirtioHeader.SIZE, VirtioHeader.SIZE + length);
            output.write(pieces);
            return;
        }
        segments++;
        bodyBytes += next.bodyLength;
        pushed = next.pushed();
        if (segments == 1) {
            pieces.clear();
            pieces.add(memory, start - VirtioHeader.SIZE, VirtioHeader.SIZE + length);
            Segment spare = first;
            first = next;
            next = spare;
        } else {
            pieces.add(memory, next.body, next.bodyLength);
            complete = segments == MOST_SEGMENTS || next.bodyLength < first.bodyLength;
        }
        complete |= pushed;
    }

    /** Writes what was held back. */
    void flush(Output output) {
        if (segments > 1) {
            first.lengthen(bodyBytes, pushed);
        } else if (segments == 1) {
            VirtioHeader.putPlain(first.memory, first.frame - VirtioHeader.SIZE);
        }
        int held = segments;
        clear();
        if (held > 0) {
            output.write(pieces);
        }
    }

    /** Forgets what was held back. */
    void clear() {
        segments = 0;
        bodyBytes = 0;
        complete = false;
    }
}
