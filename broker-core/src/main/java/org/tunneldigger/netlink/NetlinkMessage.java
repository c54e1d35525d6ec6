// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * One request under construction (linux/netlink.h): header, the family's own header, attributes. All numbers are written in the
 * machine's byte order. The methods return this object.
 */
final class NetlinkMessage {
    static final int HEADER_SIZE = 16;
    static final int REQUEST = 0x1;
    static final int ACK = 0x4;
    static final int REPLACE = 0x100;
    static final int EXCLUSIVE = 0x200;
    static final int CREATE = 0x400;
    static final int APPEND = 0x800;
    static final int DUMP = 0x300;

    /** A rate table of tc has 1024 bytes. */
    static final int MAX_SIZE = 2048;

    private static final int NESTED = 0x8000;
    private static final int ATTRIBUTE_HEADER = 4;

    private final String operation;
    private boolean dispensable;
    private final ByteBuffer bytes = ByteBuffer.allocate(MAX_SIZE).order(ByteOrder.nativeOrder());

    /**
     * @param operation what the request does, for {@link NetlinkException}
     * @param flags beyond REQUEST and ACK, which the socket sets
     */
    NetlinkMessage(String operation, int type, int flags) {
        this.operation = operation;
        // struct nlmsghdr { u32 length; u16 type, flags; u32 sequence, port }
        bytes.putInt(0).putShort((short) type).putShort((short) flags).putInt(0).putInt(0);
    }

    String operation() {
        return operation;
    }

    /** The rest of a batch is as good without this request: its failure is no failure of the batch. */
    NetlinkMessage dispensable() {
        dispensable = true;
        return this;
    }

    boolean isDispensable() {
        return dispensable;
    }

    NetlinkMessage u8(int value) {
        bytes.put((byte) value);
        return this;
    }

    NetlinkMessage u16(int value) {
        bytes.putShort((short) value);
        return this;
    }

    NetlinkMessage u32(int value) {
        bytes.putInt(value);
        return this;
    }

    NetlinkMessage attribute8(int type, int value) {
        begin(type, 1);
        bytes.put((byte) value);
        return pad();
    }

    NetlinkMessage attribute16(int type, int value) {
        begin(type, 2);
        bytes.putShort((short) value);
        return pad();
    }

    NetlinkMessage attribute32(int type, int value) {
        begin(type, 4);
        bytes.putInt(value);
        return this;
    }

    NetlinkMessage attribute64(int type, long value) {
        begin(type, 8);
        bytes.putLong(value);
        return this;
    }

    /** A string with the NUL that the kernel expects. */
    NetlinkMessage attribute(int type, String value) {
        byte[] text = value.getBytes(StandardCharsets.UTF_8);
        begin(type, text.length + 1);
        bytes.put(text).put((byte) 0);
        return pad();
    }

    NetlinkMessage attribute(int type, byte[] value) {
        begin(type, value.length);
        bytes.put(value);
        return pad();
    }

    /** An attribute that holds what the body writes. */
    NetlinkMessage nested(int type, Consumer<NetlinkMessage> body) {
        return composed(type | NESTED, body);
    }

    /** As {@link #nested}, without the flag: for structures, and for parts of the kernel older than the flag. */
    NetlinkMessage composed(int type, Consumer<NetlinkMessage> body) {
        int start = bytes.position();
        begin(type, 0);
        body.accept(this);
        bytes.putShort(start, (short) (bytes.position() - start));
        return pad();
    }

    /** Appends the finished message. */
    void writeTo(ByteBuffer target, int flags, int sequence) {
        int start = target.position();
        target.put(bytes.array(), 0, bytes.position());
        target.putInt(start, bytes.position())
                .putShort(start + 6, (short) (bytes.getShort(6) | flags))
                .putInt(start + 8, sequence);
        while (target.position() % 4 != 0) {
            target.put((byte) 0);
        }
    }

    private void begin(int type, int length) {
        bytes.putShort((short) (ATTRIBUTE_HEADER + length)).putShort((short) type);
    }

    private NetlinkMessage pad() {
        while (bytes.position() % 4 != 0) {
            bytes.put((byte) 0);
        }
        return this;
    }
}
