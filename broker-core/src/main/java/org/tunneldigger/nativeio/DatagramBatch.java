// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.nativeio;

import java.lang.ref.Reference;
import org.tunneldigger.protocol.Endpoint;

/**
 * Room for many datagrams of one socket, filled by one call (recvmmsg(2)) again and again. Used by one thread; each receive
 * overwrites what the last one brought.
 */
public final class DatagramBatch {
    /** Bytes of payload that fit in each; what is longer is cut to this. */
    public static final int CAPACITY = 4608;

    // struct mmsghdr (bits/socket.h) with 64-bit pointers: a msghdr, the length that was received, padding
    static final int MESSAGE_SIZE = 64;
    private static final int LENGTH = 56;

    private final Datagram[] datagrams;
    private final OffHeap vector;

    /** How many entries of the vector the kernel has written since their lengths were set. */
    private int written;

    /** @param size datagrams at a time, 1…1024 */
    public DatagramBatch(int size) {
        datagrams = new Datagram[size];
        vector = new OffHeap(size * MESSAGE_SIZE);
        for (int i = 0; i < size; i++) {
            datagrams[i] = new Datagram(CAPACITY);
            datagrams[i].attachTo(vector, i * MESSAGE_SIZE);
        }
        written = size;
    }

    public int size() {
        return datagrams.length;
    }

    /** The i-th datagram of the last receive. */
    public Datagram get(int i) {
        return datagrams[i];
    }

    /** Receives into this object. Returns the number of datagrams or a negative error number. */
    int receiveFrom(int fd, Endpoint socketBoundTo) {
        for (int i = 0; i < written; i++) {
            Datagram.resetLengths(vector, i * MESSAGE_SIZE);
        }
        int count = LibC.CALLS.recvmmsg(fd, vector.address, datagrams.length, 0, 0);
        written = Math.max(0, count);
        for (int i = 0; i < written; i++) {
            int offset = i * MESSAGE_SIZE;
            datagrams[i].takeFrom(vector, offset, vector.host.getInt(offset + LENGTH), socketBoundTo);
        }
        Reference.reachabilityFence(this);
        return LibC.orNegativeErrno(count);
    }
}
