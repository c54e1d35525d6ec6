// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.nativeio;

import com.kenai.jffi.MemoryIO;
import java.lang.ref.Reference;
import java.nio.ByteOrder;

/** The checksum of IP, TCP and UDP: the complement of the one's complement sum of all 16-bit words (RFC 1071). */
public final class InternetChecksum {
    private static final MemoryIO MEMORY = MemoryIO.getInstance();
    private static final boolean SWAPPED = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
    private static final long LOW = 0xFFFF_FFFFL;

    private InternetChecksum() {}

    /**
     * The sum of a piece of memory, not complemented; an odd last byte counts as the upper half of a word. Sums of several pieces
     * are added and {@link #fold folded}, if all but the last have an even length.
     *
     * @param offset and {@code length} within the memory: unchecked
     * @return 0…0xFFFF
     */
    public static int sum(OffHeap memory, int offset, int length) {
        long at = memory.address + offset;
        long end = at + length;
        // Words of the machine's order, as wide as it takes: swapped once at the end (RFC 1071, 2(B)).
        long sum = 0;
        for (long last = end - 32; at <= last; at += 32) {
            long a = MEMORY.getLong(at);
            long b = MEMORY.getLong(at + 8);
            long c = MEMORY.getLong(at + 16);
            long d = MEMORY.getLong(at + 24);
            sum += (a & LOW) + (a >>> 32) + (b & LOW) + (b >>> 32);
            sum += (c & LOW) + (c >>> 32) + (d & LOW) + (d >>> 32);
        }
        for (; at <= end - 2; at += 2) {
            sum += MEMORY.getShort(at) & 0xFFFF;
        }
        if (at < end) {
            int last = MEMORY.getByte(at) & 0xFF;
            sum += SWAPPED ? last : last << 8;
        }
        Reference.reachabilityFence(memory);
        int folded = fold(sum);
        return SWAPPED ? Short.reverseBytes((short) folded) & 0xFFFF : folded;
    }

    /** A sum of sums as 16 bits. */
    public static int fold(long sum) {
        long folded = (sum & LOW) + (sum >>> 32);
        folded = (folded & LOW) + (folded >>> 32);
        folded = (folded & 0xFFFF) + (folded >>> 16);
        folded = (folded & 0xFFFF) + (folded >>> 16);
        return (int) ((folded & 0xFFFF) + (folded >>> 16));
    }
}
