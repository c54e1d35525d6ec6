// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.datapath.tap;

import java.nio.ByteBuffer;

/**
 * The header of an L2TPv3 data packet over UDP: {@code 0003 0000} (RFC 3931 §4.1.2.1), the receiver's session id, four zero bytes (the
 * default sublayer). The Ethernet frame follows.
 */
final class DataHeader {
    /** Bytes. */
    static final int SIZE = 12;

    private static final int DATA_MESSAGE = 0x0003;

    /** Like the kernel: the T bit and the version count, what is reserved between them does not. */
    private static final int TYPE_AND_VERSION = 0x800F;

    private static final int SESSION_ID = 4;
    private static final int SUBLAYER = 8;

    private DataHeader() {}

    static void put(ByteBuffer bytes, int at, int sessionId) {
        bytes.putInt(at, DATA_MESSAGE << 16).putInt(at + SESSION_ID, sessionId).putInt(at + SUBLAYER, 0);
    }

    static boolean isData(ByteBuffer bytes, int at) {
        return (bytes.getShort(at) & TYPE_AND_VERSION) == DATA_MESSAGE;
    }

    static int sessionId(ByteBuffer bytes, int at) {
        return bytes.getInt(at + SESSION_ID);
    }
}
