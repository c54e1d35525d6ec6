// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.datapath.tap;

import java.util.Random;
import org.tunneldigger.nativeio.InternetChecksum;
import org.tunneldigger.nativeio.OffHeap;
import org.tunneldigger.nativeio.VirtioHeader;

/** Frames of TCP for tests, with all lengths and checksums right, behind room for a header. */
final class TcpFrame {
    static final int ROOM = DataHeader.SIZE;
    static final int VIRTIO = ROOM - VirtioHeader.SIZE;

    final OffHeap memory;
    final boolean v6;
    final int ip;
    final int tcp;
    final int body;
    final int end;

    private TcpFrame(OffHeap memory, boolean v6, int ip, int options, int bodyLength) {
        this.memory = memory;
        this.v6 = v6;
        this.ip = ip;
        tcp = ip + (v6 ? 40 : 20);
        body = tcp + 20 + options;
        end = body + bodyLength;
    }

    /** A segment with the acknowledgement flag alone, "don't fragment", and random content. */
    static TcpFrame of(boolean v6, int vlanTags, int optionBytes, int bodyLength, int sequence, Random random) {
        int ip = ROOM + 14 + 4 * vlanTags;
        TcpFrame frame = new TcpFrame(new OffHeap(1 << 17), v6, ip, optionBytes, bodyLength);
        var bytes = frame.memory.network();
        for (int i = ROOM; i < ROOM + 12; i++) {
            bytes.put(i, (byte) i);
        }
        for (int tag = 0; tag < vlanTags; tag++) {
            bytes.putInt(ROOM + 12 + 4 * tag, 0x8100_0005);
        }
        bytes.putShort(ip - 2, (short) (v6 ? 0x86DD : 0x0800));
        if (v6) {
            bytes.putInt(ip, 0x6003_0201).put(ip + 6, (byte) 6).put(ip + 7, (byte) 64);
        } else {
            bytes.putShort(ip, (short) 0x4500).putShort(ip + 4, (short) 0xFFFE).putShort(ip + 6, (short) 0x4000);
            bytes.put(ip + 8, (byte) 64).put(ip + 9, (byte) 6);
        }
        for (int i = ip + (v6 ? 8 : 12); i < frame.tcp; i++) {
            bytes.put(i, (byte) (i * 7));
        }
        bytes.putInt(frame.tcp, 0x1234_5678).putInt(frame.tcp + 4, sequence).putInt(frame.tcp + 8, 0xCAFE_BABE);
        bytes.putInt(frame.tcp + 12, (5 + optionBytes / 4) << 28 | 0x10 << 16 | 0x0102);
        for (int i = frame.tcp + 20; i < frame.body; i++) {
            bytes.put(i, (byte) 1); // no operation
        }
        for (int i = frame.body; i < frame.end; i++) {
            bytes.put(i, (byte) (random.nextInt(8) == 0 ? 0xFF : random.nextInt()));
        }
        frame.setLengths();
        frame.setChecksums();
        return frame;
    }

    int length() {
        return end - ROOM;
    }

    int bodyLength() {
        return end - body;
    }

    byte[] bytes() {
        return bytes(memory, ROOM, length());
    }

    static byte[] bytes(OffHeap memory, int offset, int length) {
        byte[] copy = new byte[length];
        memory.network().get(offset, copy);
        return copy;
    }

    void put(int at, int value) {
        memory.network().put(at, (byte) value);
    }

    void add(int at, int difference) {
        put(at, memory.network().get(at) + difference);
    }

    private void setLengths() {
        if (v6) {
            memory.network().putShort(ip + 4, (short) (end - tcp));
        } else {
            memory.network().putShort(ip + 2, (short) (end - ip));
        }
    }

    void setChecksums() {
        if (!v6) {
            memory.network().putShort(ip + 10, (short) 0);
            memory.network().putShort(ip + 10, (short) ~InternetChecksum.sum(memory, ip, tcp - ip));
        }
        memory.network().putShort(tcp + 16, (short) 0);
        memory.network().putShort(tcp + 16, (short)
                ~InternetChecksum.fold(pseudoHeaderSum() + InternetChecksum.sum(memory, tcp, end - tcp)));
    }

    /** As TCP leaves a frame that is yet to be cut. */
    void leaveUncut(int segmentLength) {
        memory.network().putShort(tcp + 16, (short) InternetChecksum.fold(pseudoHeaderSum()));
        int type = v6 ? VirtioHeader.TCP_V6 : VirtioHeader.TCP_V4;
        VirtioHeader.putTcp(memory, VIRTIO, type, body - ROOM, segmentLength, tcp - ROOM, 16);
    }

    private long pseudoHeaderSum() {
        int addresses = ip + (v6 ? 8 : 12);
        return (long) InternetChecksum.sum(memory, addresses, tcp - addresses) + 6 + end - tcp;
    }
}
