// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.nativeio;

import com.kenai.jffi.MemoryIO;

/**
 * Pieces of memory that one call takes one after the other (struct iovec of sys/uio.h; writev(2), sendmsg(2)). The memory itself is
 * held by whoever adds it. One thread.
 */
public final class IoVector {
    private static final int PIECE_SIZE = 16;
    private static final MemoryIO MEMORY = MemoryIO.getInstance();

    private final OffHeap pieces;
    private int count;
    private int bytes;

    /** @param capacity in pieces; the kernel takes 1024 at most */
    public IoVector(int capacity) {
        pieces = new OffHeap(capacity * PIECE_SIZE);
    }

    public void clear() {
        count = 0;
        bytes = 0;
    }

    /** Adds a piece; whether it lies within the memory is not checked. */
    public void add(OffHeap memory, int offset, int length) {
        pieces.host.putLong(count * PIECE_SIZE, memory.address + offset).putLong(count * PIECE_SIZE + 8, length);
        count++;
        bytes += length;
    }

    /** The number of pieces. */
    public int count() {
        return count;
    }

    /** The length of all pieces together. */
    public int bytes() {
        return bytes;
    }

    /** All pieces one after the other, in a copy. */
    public byte[] copy() {
        byte[] copy = new byte[bytes];
        int at = 0;
        for (int i = 0; i < count; i++) {
            long address = pieces.host.getLong(i * PIECE_SIZE);
            int length = (int) pieces.host.getLong(i * PIECE_SIZE + 8);
            MEMORY.getByteArray(address, copy, at, length);
            at += length;
        }
        return copy;
    }

    /** Address of a piece's structure; the caller fences on this object. */
    long address(int piece) {
        return pieces.address + (long) piece * PIECE_SIZE;
    }
}
