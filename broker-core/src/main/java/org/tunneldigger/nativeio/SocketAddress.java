// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.nativeio;

import org.tunneldigger.protocol.Endpoint;

/** {@code sockaddr_in} and {@code sockaddr_in6} (netinet/in.h) as bytes. */
final class SocketAddress {
    /** Room for either. */
    static final int MAX_SIZE = 28;

    private static final int V4_SIZE = 16;

    private SocketAddress() {}

    /** Writes the endpoint at {@code offset} and returns the structure's size. */
    static int put(OffHeap memory, int offset, Endpoint endpoint) {
        memory.host.putShort(offset, (short) (endpoint.v6() ? LibC.AF_INET6 : LibC.AF_INET));
        memory.network.putShort(offset + 2, (short) endpoint.port());
        memory.network.putInt(offset + 4, endpoint.v6() ? 0 : (int) endpoint.low());
        memory.network.putLong(offset + 8, endpoint.high());
        if (!endpoint.v6()) {
            return V4_SIZE;
        }
        memory.network.putLong(offset + 16, endpoint.low());
        memory.host.putInt(offset + 24, endpoint.scope());
        return MAX_SIZE;
    }

    static Endpoint get(OffHeap memory, int offset) {
        int port = Short.toUnsignedInt(memory.network.getShort(offset + 2));
        if (memory.host.getShort(offset) == LibC.AF_INET6) {
            return Endpoint.v6(
                    memory.network.getLong(offset + 8),
                    memory.network.getLong(offset + 16),
                    memory.host.getInt(offset + 24),
                    port);
        }
        return Endpoint.v4(memory.network.getInt(offset + 4), port);
    }
}
