// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.datapath.tap;

import static org.tunneldigger.datapath.tap.Headers.*;

import java.nio.ByteBuffer;
import org.tunneldigger.nativeio.InternetChecksum;
import org.tunneldigger.nativeio.OffHeap;
import org.tunneldigger.nativeio.VirtioHeader;

/**
 * Cuts a frame that TCP left in one piece into the segments that it stands for, as a network device would that has "TCP segmentation
 * offload": each gets the frame's headers with its own lengths, sequence number, identification, flags and checksums. The payload is
 * neither copied nor changed. One thread.
 */
final class TcpSegmenter {
    private static final int FIN_AND_PUSH = 0x09;
    private static final int CONGESTION_WINDOW_REDUCED = 0x80;
    private static final int CHECKSUM_OFFSET = 16;

    private OffHeap memory = new OffHeap(0);
    private ByteBuffer bytes = memory.network();
    private boolean v6;
    private int frame;
    private int ip;
    private int tcp;
    private int body;
    private int end;
    private int segmentLength;

    /**
     * Looks at a frame whose {@link VirtioHeader#segmentType} is one of TCP's.
     *
     * @param virtio where its {@link VirtioHeader} is
     * @param start the frame's first byte, {@code stop} the one after its last
     * @return false if the numbers in the headers don't fit each other or the frame: it cannot be cut
     */
    boolean take(OffHeap from, int virtio, int start, int stop) {
        memory = from;
        bytes = from.network();
        frame = start;
        end = stop;
        v6 = VirtioHeader.segmentType(from, virtio) == VirtioHeader.TCP_V6;
        segmentLength = VirtioHeader.segmentLength(from, virtio);
        tcp = start + VirtioHeader.checksumStart(from, virtio);
        ip = start + ETHERNET_LENGTH;
        while (ip < stop && isVlan(bytes.getShort(ip - 2))) {
            ip += VLAN_LENGTH;
        }
        if (segmentLength == 0
                || VirtioHeader.checksumOffset(from, virtio) != CHECKSUM_OFFSET
                || tcp + TCP_LENGTH > stop
                || tcp < ip + (v6 ? IPV6_LENGTH : IPV4_LENGTH)) {
            return false;
        }
        int type = bytes.getShort(ip - 2);
        boolean fits = v6
                ? type == ETHERTYPE_IPV6 && bytes.get(ip) >> 4 == 6
                : type == ETHERTYPE_IPV4 && bytes.get(ip) >> 4 == 4 && ip + ipv4Length(bytes, ip) == tcp;
        body = tcp + tcpLength(bytes, tcp);
        return fits && body >= tcp + TCP_LENGTH && body < stop && body - start <= LONGEST;
    }

    /** The number of segments, above 0. */
    int count() {
        return (end - body + segmentLength - 1) / segmentLength;
    }

    /** The length of each segment's headers, Ethernet to TCP; at most {@link Headers#LONGEST}. */
    int headerLength() {
        return body - frame;
    }

    /** Where the payload of the i-th segment lies, in the frame's memory. */
    int bodyOffset(int i) {
        return body + i * segmentLength;
    }

    int bodyLength(int i) {
        return Math.min(segmentLength, end - bodyOffset(i));
    }

    /** Writes the headers of the i-th segment somewhere else in the frame's memory. */
    void putHeader(int i, int at) {
        int ipAt = at + ip - frame;
        int tcpAt = at + tcp - frame;
        bytes.put(at, bytes, frame, headerLength());
        int tcpAndBody = body - tcp + bodyLength(i);
        if (v6) {
            bytes.putShort(ipAt + IPV6_PAYLOAD_LENGTH, (short) (tcp - ip - IPV6_LENGTH + tcpAndBody));
        } else {
            bytes.putShort(ipAt + IPV4_TOTAL_LENGTH, (short) (tcp - ip + tcpAndBody));
            bytes.putShort(ipAt + IPV4_ID, (short) (bytes.getShort(ip + IPV4_ID) + i));
            bytes.putShort(ipAt + IPV4_CHECKSUM, (short) 0);
            bytes.putShort(ipAt + IPV4_CHECKSUM, (short) ~InternetChecksum.sum(memory, ipAt, tcp - ip));
        }
        bytes.putInt(tcpAt + TCP_SEQUENCE, bytes.getInt(tcp + TCP_SEQUENCE) + i * segmentLength);
        int cleared = (i == 0 ? 0 : CONGESTION_WINDOW_REDUCED) | (i == count() - 1 ? 0 : FIN_AND_PUSH);
        bytes.put(tcpAt + TCP_FLAGS, (byte) (bytes.get(tcp + TCP_FLAGS) & ~cleared));
        bytes.putShort(tcpAt + TCP_CHECKSUM, (short) 0);
        long sum = pseudoHeaderSum(memory, ip, v6, tcpAndBody)
                + (long) InternetChecksum.sum(memory, tcpAt, body - tcp)
                + InternetChecksum.sum(memory, bodyOffset(i), bodyLength(i));
        bytes.putShort(tcpAt + TCP_CHECKSUM, (short) ~InternetChecksum.fold(sum));
    }
}
