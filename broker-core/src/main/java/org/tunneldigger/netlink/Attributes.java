// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.netlink;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The attributes in a stretch of a received message. A view of the socket's buffer, valid until its next receive. What is absent
 * or too short reads as the fallback.
 */
final class Attributes {
    private static final int HEADER = 4;
    private static final int TYPE_MASK = 0x3FFF;

    private final ByteBuffer bytes;
    private final int start;
    private final int end;

    /** @param bytes in the machine's byte order */
    Attributes(ByteBuffer bytes, int start, int end) {
        this.bytes = bytes;
        this.start = start;
        this.end = Math.min(end, bytes.limit());
    }

    boolean has(int type) {
        return find(type) >= 0;
    }

    int u16(int type, int fallback) {
        int at = find(type);
        return at < 0 || length(at) < 2 ? fallback : Short.toUnsignedInt(bytes.getShort(at + HEADER));
    }

    int u32(int type, int fallback) {
        int at = find(type);
        return at < 0 || length(at) < 4 ? fallback : bytes.getInt(at + HEADER);
    }

    /** A string up to its NUL; empty if absent. */
    String string(int type) {
        byte[] raw = bytes(type);
        int length = 0;
        while (length < raw.length && raw[length] != 0) {
            length++;
        }
        return new String(raw, 0, length, StandardCharsets.UTF_8);
    }

    /** A copy; empty if absent. */
    byte[] bytes(int type) {
        int at = find(type);
        byte[] copy = new byte[at < 0 ? 0 : length(at)];
        if (at >= 0) {
            bytes.get(at + HEADER, copy);
        }
        return copy;
    }

    /** The attributes inside one; none if it is absent. */
    Attributes nested(int type) {
        int at = find(type);
        return at < 0 ? new Attributes(bytes, 0, 0) : new Attributes(bytes, at + HEADER, at + HEADER + length(at));
    }

    /** Index of the attribute's header, −1 if there is none. */
    private int find(int type) {
        int at = start;
        while (at + HEADER <= end) {
            int size = Short.toUnsignedInt(bytes.getShort(at));
            if (size < HEADER || at + size > end) {
                return -1;
            }
            if ((bytes.getShort(at + 2) & TYPE_MASK) == type) {
                return at;
            }
            at += (size + 3) & ~3;
        }
        return -1;
    }

    private int length(int at) {
        return Short.toUnsignedInt(bytes.getShort(at)) - HEADER;
    }
}
