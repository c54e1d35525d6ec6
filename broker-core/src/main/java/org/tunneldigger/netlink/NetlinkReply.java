// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.netlink;

import java.nio.ByteBuffer;

/** One received message. A view of the socket's buffer, valid until its next receive. */
final class NetlinkReply {
    private static final int ERROR = 2;
    private static final int DONE = 3;
    private static final int DUMP_INTERRUPTED = 0x10;
    private static final int CAPPED = 0x100;
    private static final int ERROR_TEXT = 1;
    private static final int ERROR_HEADER = NetlinkMessage.HEADER_SIZE + 4;

    private final ByteBuffer bytes;
    private final int start;
    private final int end;

    NetlinkReply(ByteBuffer bytes, int start, int end) {
        this.bytes = bytes;
        this.start = start;
        this.end = end;
    }

    /** Length in bytes, header included, without padding. */
    int size() {
        return end - start;
    }

    /** Whether this answers a request finally: an ERROR, which tells success as well, or a dump's DONE. */
    boolean isLast() {
        return type() == ERROR || type() == DONE;
    }

    boolean isOfInterruptedDump() {
        return (flags() & DUMP_INTERRUPTED) != 0;
    }

    private int type() {
        return Short.toUnsignedInt(bytes.getShort(start + 4));
    }

    private int flags() {
        return Short.toUnsignedInt(bytes.getShort(start + 6));
    }

    int sequence() {
        return bytes.getInt(start + 8);
    }

    /** A field of the family's own header. */
    int u8(int offset) {
        return Byte.toUnsignedInt(bytes.get(start + NetlinkMessage.HEADER_SIZE + offset));
    }

    /** A field of the family's own header. */
    int u32(int offset) {
        return bytes.getInt(start + NetlinkMessage.HEADER_SIZE + offset);
    }

    /** The attributes after a family's header of this size. */
    Attributes attributes(int headerSize) {
        return new Attributes(bytes, start + NetlinkMessage.HEADER_SIZE + headerSize, end);
    }

    /** The positive error number of an ERROR or DONE message, 0 for success. */
    int errno() {
        return end - start < ERROR_HEADER ? 0 : -u32(0);
    }

    /** The kernel's own words in an ERROR or DONE message, or nothing. */
    String errorText() {
        int fixed = 4;
        if (type() == ERROR) {
            // struct nlmsgerr { int error; struct nlmsghdr request }, the request's payload unless capped
            int requestLength = bytes.getInt(start + ERROR_HEADER);
            fixed += (flags() & CAPPED) != 0 ? NetlinkMessage.HEADER_SIZE : (requestLength + 3) & ~3;
        }
        return attributes(fixed).string(ERROR_TEXT);
    }
}
