// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.nativeio;

/**
 * What stands before each frame of a {@link TapDevice} (struct virtio_net_hdr, linux/virtio_net.h): which checksum is yet to be
 * filled in, and how long the segments are that the frame is yet to be cut into. In the machine's byte order; pure functions of the
 * memory given.
 */
public final class VirtioHeader {
    /** Bytes. */
    public static final int SIZE = 10;

    /** {@link #segmentType}: a frame that is to be sent as it is. */
    public static final int NOT_SEGMENTED = 0;

    public static final int TCP_V4 = 1;
    public static final int TCP_V6 = 4;

    /** Beside a type: TCP's CWR flag is set, which is for the first segment alone. Not told to the reader, who sees the flag. */
    private static final int ECN = 0x80;

    private static final int NEEDS_CHECKSUM = 1;

    private VirtioHeader() {}

    /** Whether the checksum field holds the pseudo header's sum only. */
    public static boolean needsChecksum(OffHeap memory, int at) {
        return (memory.host.get(at) & NEEDS_CHECKSUM) != 0;
    }

    /** {@link #NOT_SEGMENTED}, {@link #TCP_V4}, {@link #TCP_V6}, or a number that was not asked for. */
    public static int segmentType(OffHeap memory, int at) {
        return memory.host.get(at + 1) & 0xFF & ~ECN;
    }

    /** Bytes of payload in each segment but the last. */
    public static int segmentLength(OffHeap memory, int at) {
        return memory.host.getShort(at + 4) & 0xFFFF;
    }

    /** Where the part that is summed up begins, in bytes from the frame's start. */
    public static int checksumStart(OffHeap memory, int at) {
        return memory.host.getShort(at + 6) & 0xFFFF;
    }

    /** Where the checksum is, in bytes from {@link #checksumStart}. */
    public static int checksumOffset(OffHeap memory, int at) {
        return memory.host.getShort(at + 8) & 0xFFFF;
    }

    /** For a frame that needs nothing more. */
    public static void putPlain(OffHeap memory, int at) {
        memory.host.putLong(at, 0).putShort(at + 8, (short) 0);
    }

    /**
     * For a frame of several segments of TCP.
     *
     * @param type {@link #TCP_V4} or {@link #TCP_V6}
     * @param headerLength of Ethernet, IP and TCP
     * @param tcpStart where TCP's header begins, in bytes from the frame's start
     */
    public static void putTcp(
            OffHeap memory, int at, int type, int headerLength, int segmentLength, int tcpStart, int checksumOffset) {
        memory.host
                .put(at, (byte) NEEDS_CHECKSUM)
                .put(at + 1, (byte) type)
                .putShort(at + 2, (short) headerLength)
                .putShort(at + 4, (short) segmentLength)
                .putShort(at + 6, (short) tcpStart)
                .putShort(at + 8, (short) checksumOffset);
    }
}
