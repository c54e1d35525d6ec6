// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.lab;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A control packet by the letter of docs/protocol.md, apart from the broker's own codec.
 *
 * @param type the type byte
 * @param payload as many bytes as the length byte says
 */
public record ControlPacket(int type, byte[] payload) {
    public static final int COOKIE = 0x01;
    public static final int PREPARE = 0x02;
    public static final int ERROR = 0x03;
    public static final int TUNNEL = 0x04;
    public static final int KEEPALIVE = 0x05;
    public static final int PMTUD = 0x06;
    public static final int PMTUD_ACK = 0x07;
    public static final int REL_ACK = 0x08;
    public static final int PMTU_NTFY = 0x09;
    public static final int USAGE = 0x0A;
    public static final int LIMIT = 0x80;

    private static final byte[] HEAD = {(byte) 0x80, 0x73, (byte) 0xA7, 1};
    private static final int HEADER_LENGTH = 6;
    private static final int MINIMUM_LENGTH = 12;

    /** A PREPARE; no flags leave out the field, as old clients do. */
    public static ControlPacket prepare(byte[] cookie, String uuid, int tunnelId, OptionalInt flags) {
        byte[] name = uuid.getBytes(StandardCharsets.UTF_8);
        ByteBuffer payload = ByteBuffer.allocate(cookie.length + 1 + name.length + 8);
        payload.put(cookie).put((byte) name.length).put(name).putInt(tunnelId);
        flags.ifPresent(payload::putInt);
        return new ControlPacket(PREPARE, Arrays.copyOf(payload.array(), payload.position()));
    }

    /** A COOKIE or USAGE request: eight bytes that only make it long enough for the answer. */
    public static ControlPacket request(int type) {
        return new ControlPacket(type, new byte[8]);
    }

    /** The control packet in a datagram; empty when it is anything else. */
    public static Optional<ControlPacket> parse(byte[] datagram) {
        if (datagram.length < HEADER_LENGTH || !Arrays.equals(datagram, 0, HEAD.length, HEAD, 0, HEAD.length)) {
            return Optional.empty();
        }
        int length = datagram[5] & 255;
        if (datagram.length < HEADER_LENGTH + length) {
            return Optional.empty();
        }
        byte[] payload = Arrays.copyOfRange(datagram, HEADER_LENGTH, HEADER_LENGTH + length);
        return Optional.of(new ControlPacket(datagram[4] & 255, payload));
    }

    /** Whether the datagram is a control packet of the type. */
    public static boolean isOfType(byte[] datagram, int type) {
        return parse(datagram).filter(packet -> packet.type() == type).isPresent();
    }

    /** The datagram, padded with zeros to the least length. */
    public byte[] encode() {
        return encode(MINIMUM_LENGTH);
    }

    /** The datagram, padded with zeros to a length. */
    public byte[] encode(int length) {
        ByteBuffer datagram = ByteBuffer.allocate(Math.max(length, HEADER_LENGTH + payload.length));
        datagram.put(HEAD).put((byte) type).put((byte) payload.length).put(payload);
        return datagram.array();
    }

    /** A field of the payload, unsigned, big-endian. */
    public long field(int offset, int bytes) {
        long value = 0;
        for (int i = 0; i < bytes; i++) {
            value = value << 8 | payload[offset + i] & 255;
        }
        return value;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ControlPacket packet && packet.type == type && Arrays.equals(packet.payload, payload);
    }

    @Override
    public int hashCode() {
        return 31 * type + Arrays.hashCode(payload);
    }

    @Override
    public String toString() {
        return "%02X %s".formatted(type, HexFormat.of().formatHex(payload));
    }
}
