// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.nativeio;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A piece of zeroed memory that the kernel reads or writes. The memory lives as long as this object is reachable; whoever passes
 * {@link #address} to a call fences on the object afterwards.
 */
public final class OffHeap {
    /** In the machine's byte order: C structures. */
    final ByteBuffer host;
    /** The same bytes in network order: addresses and ports. */
    final ByteBuffer network;

    final long address;

    public OffHeap(int size) {
        host = ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder());
        network = host.duplicate().order(ByteOrder.BIG_ENDIAN);
        address = LibC.address(host);
    }

    /** The bytes in network order. */
    public ByteBuffer network() {
        return network;
    }

    /** The size, bytes. */
    public int size() {
        return host.capacity();
    }
}
