// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.protocol;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;
import org.tunneldigger.protocol.ControlMessage.Cookie;
import org.tunneldigger.protocol.ControlMessage.Keepalive;
import org.tunneldigger.protocol.ControlMessage.LimitDownstream;
import org.tunneldigger.protocol.ControlMessage.PmtuNotify;
import org.tunneldigger.protocol.ControlMessage.Pmtud;
import org.tunneldigger.protocol.ControlMessage.PmtudAck;
import org.tunneldigger.protocol.ControlMessage.Prepare;
import org.tunneldigger.protocol.ControlMessage.RelAck;
import org.tunneldigger.protocol.ControlMessage.Tunnel;
import org.tunneldigger.protocol.ControlMessage.UnknownReliable;
import org.tunneldigger.protocol.ControlMessage.UsageReply;
import org.tunneldigger.protocol.ControlMessage.UsageRequest;

/**
 * Datagrams to messages and back; pure functions. The header is {@code 80 73 A7 01 TT LL}: magic, version, type, payload
 * length; every field is big-endian (docs/protocol.md, "Control packets"). Bytes after the payload are padding: written
 * as zeros, read as anything.
 */
public final class ControlCodec {
    /** Bytes before the payload. */
    public static final int HEADER_LENGTH = 6;

    /** Shorter packets are padded to this: some firewalls on port 53 drop what is shorter than a DNS header. */
    public static final int MIN_LENGTH = 12;

    private static final int MAGIC = 0x8073_A7;
    private static final int VERSION = 1;
    private static final int LIMIT_TYPE_DOWNSTREAM = 1;

    /** Padding, of a probe above all: each session begins with some ten kilobytes of it. */
    private static final byte[] ZEROS = new byte[1500];

    private ControlCodec() {}

    /**
     * Decodes the datagram in bytes 0…length-1 of {@code in}; never throws for what the bytes are, moves no position.
     *
     * @param in big-endian, as buffers are by default
     */
    public static Decoded decode(ByteBuffer in, int length) {
        if (length < HEADER_LENGTH) {
            return DecodeFailure.TOO_SHORT;
        }
        int magicAndVersion = in.getInt(0);
        if (magicAndVersion >>> 8 != MAGIC) {
            // RFC 3931, 4.1.2.1: T bit clear and version 3 mark an L2TPv3 data message over UDP.
            boolean data = (magicAndVersion >>> 31) == 0 && (magicAndVersion >>> 16 & 0xF) == 3;
            return data ? DecodeFailure.DATA_PACKET : DecodeFailure.FOREIGN_MAGIC;
        }
        if ((magicAndVersion & 0xFF) != VERSION) {
            return DecodeFailure.FOREIGN_VERSION;
        }
        int type = in.get(4) & 0xFF;
        int payload = in.get(5) & 0xFF;
        if (HEADER_LENGTH + payload > length) {
            return DecodeFailure.PAYLOAD_CUT_OFF;
        }
        return type >= MessageType.FIRST_RELIABLE
                ? decodeReliable(in, type, payload)
                : decodePlain(in, type, payload, length);
    }

    private static Decoded decodePlain(ByteBuffer in, int type, int payload, int length) {
        return switch (type) {
            case MessageType.COOKIE -> payload < 8 ? DecodeFailure.BAD_PAYLOAD : new Cookie(in.getLong(6));
            case MessageType.PREPARE -> decodePrepare(in, payload);
            case MessageType.ERROR ->
                new ControlMessage.Error(payload == 0 ? ControlMessage.Error.NO_REASON : in.get(6) & 0xFF);
            case MessageType.TUNNEL ->
                payload < 4
                        ? DecodeFailure.BAD_PAYLOAD
                        : new Tunnel(unsignedInt(in, 6), optionalInt(in, 10, payload >= 8));
            case MessageType.KEEPALIVE -> decodeKeepalive(in, payload);
            case MessageType.PMTUD -> new Pmtud(length);
            case MessageType.PMTUD_ACK -> payload != 2 ? DecodeFailure.BAD_PAYLOAD : new PmtudAck(unsignedShort(in, 6));
            case MessageType.REL_ACK -> payload != 2 ? DecodeFailure.BAD_PAYLOAD : new RelAck(unsignedShort(in, 6));
            case MessageType.PMTU_NTFY ->
                payload != 2 ? DecodeFailure.BAD_PAYLOAD : new PmtuNotify(unsignedShort(in, 6));
            case MessageType.USAGE -> decodeUsage(in, payload);
            default -> DecodeFailure.UNKNOWN_TYPE;
        };
    }

    private static Decoded decodeUsage(ByteBuffer in, int payload) {
        if (payload == 2) {
            return new UsageReply(unsignedShort(in, 6));
        }
        return payload < 8 ? DecodeFailure.BAD_PAYLOAD : new UsageRequest(optionalInt(in, 14, payload >= 12));
    }

    private static Decoded decodeKeepalive(ByteBuffer in, int payload) {
        return switch (payload) {
            case 2 -> new Keepalive(unsignedShort(in, 6), 2);
            case 4 -> new Keepalive(unsignedInt(in, 6), 4);
            default -> new Keepalive(0, 0);
        };
    }

    private static Decoded decodePrepare(ByteBuffer in, int payload) {
        if (payload < 9) {
            return DecodeFailure.BAD_PAYLOAD;
        }
        int uuidLength = in.get(14) & 0xFF;
        int trailing = payload - 9 - uuidLength;
        if (trailing < 0) {
            return DecodeFailure.BAD_PAYLOAD;
        }
        int afterUuid = 15 + uuidLength;
        try {
            String uuid = StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(in.slice(15, uuidLength))
                    .toString();
            return new Prepare(
                    in.getLong(6),
                    uuid,
                    optionalInt(in, afterUuid, trailing >= 4),
                    optionalInt(in, afterUuid + 4, trailing >= 8));
        } catch (CharacterCodingException e) {
            return DecodeFailure.UUID_NOT_UTF8;
        }
    }

    private static Decoded decodeReliable(ByteBuffer in, int type, int payload) {
        if (payload < 2) {
            return DecodeFailure.BAD_PAYLOAD;
        }
        int sequence = unsignedShort(in, 6);
        boolean downstreamLimit =
                type == MessageType.LIMIT && payload >= 8 && in.get(8) == LIMIT_TYPE_DOWNSTREAM && in.get(9) == 4;
        return downstreamLimit
                ? new LimitDownstream(sequence, unsignedInt(in, 10))
                : new UnknownReliable(sequence, type);
    }

    /**
     * Writes the message at byte 0 of {@code out} and sets position 0 and limit to its length, ready to be sent.
     *
     * @param out big-endian, room for 261 bytes, or for the probe's size
     * @throws IllegalArgumentException if a uuid is too long for its packet
     */
    public static void encode(ControlMessage message, ByteBuffer out) {
        out.clear().position(HEADER_LENGTH);
        int type = putPayload(message, out);
        int payload = out.position() - HEADER_LENGTH;
        if (payload > 255) {
            throw new IllegalArgumentException("payload of " + payload + " bytes; the length byte ends at 255");
        }
        int length = Math.max(MIN_LENGTH, HEADER_LENGTH + payload);
        if (message instanceof Pmtud probe) {
            length = Math.max(length, probe.datagramLength());
        }
        while (out.position() < length) {
            out.put(ZEROS, 0, Math.min(ZEROS.length, length - out.position()));
        }
        out.putInt(0, MAGIC << 8 | VERSION).put(4, (byte) type).put(5, (byte) payload);
        out.flip();
    }

    private static int putPayload(ControlMessage message, ByteBuffer out) {
        if (message instanceof Cookie cookie) {
            out.putLong(cookie.value());
            return MessageType.COOKIE;
        } else if (message instanceof UsageReply usage) {
            out.putShort((short) usage.load());
            return MessageType.USAGE;
        } else if (message instanceof UsageRequest usage) {
            out.putLong(0x5555_5555_5555_5555L);
            putOptional(usage.features(), out);
            return MessageType.USAGE;
        } else if (message instanceof Prepare prepare) {
            putPrepare(prepare, out);
            return MessageType.PREPARE;
        } else if (message instanceof Tunnel tunnel) {
            out.putInt((int) tunnel.tunnelId());
            putOptional(tunnel.features(), out);
            return MessageType.TUNNEL;
        } else if (message instanceof ControlMessage.Error error) {
            if (error.reason() != ControlMessage.Error.NO_REASON) {
                out.put((byte) error.reason());
            }
            return MessageType.ERROR;
        } else if (message instanceof Keepalive keepalive) {
            switch (keepalive.width()) {
                case 2 -> out.putShort((short) keepalive.sequence());
                case 4 -> out.putInt((int) keepalive.sequence());
                default -> {}
            }
            return MessageType.KEEPALIVE;
        } else if (message instanceof Pmtud) {
            return MessageType.PMTUD;
        } else if (message instanceof PmtudAck ack) {
            out.putShort((short) ack.datagramLength());
            return MessageType.PMTUD_ACK;
        } else if (message instanceof PmtuNotify notify) {
            out.putShort((short) notify.tunnelMtu());
            return MessageType.PMTU_NTFY;
        } else if (message instanceof RelAck ack) {
            out.putShort((short) ack.sequence());
            return MessageType.REL_ACK;
        } else if (message instanceof LimitDownstream limit) {
            out.putShort((short) limit.sequence())
                    .put((byte) LIMIT_TYPE_DOWNSTREAM)
                    .put((byte) 4);
            out.putInt((int) limit.kbitPerSecond());
            return MessageType.LIMIT;
        } else if (message instanceof UnknownReliable unknown) {
            out.putShort((short) unknown.sequence());
            return unknown.type();
        }
        throw new AssertionError("a message of no known kind: " + message);
    }

    private static void putPrepare(Prepare prepare, ByteBuffer out) {
        byte[] uuid = prepare.uuid().getBytes(StandardCharsets.UTF_8);
        if (uuid.length > 255) {
            throw new IllegalArgumentException("uuid of " + uuid.length + " bytes");
        }
        out.putLong(prepare.cookie()).put((byte) uuid.length).put(uuid);
        putOptional(prepare.tunnelId(), out);
        putOptional(prepare.features(), out);
    }

    private static void putOptional(OptionalLong field, ByteBuffer out) {
        if (field.isPresent()) {
            out.putInt((int) field.getAsLong());
        }
    }

    private static OptionalLong optionalInt(ByteBuffer in, int offset, boolean present) {
        return present ? OptionalLong.of(unsignedInt(in, offset)) : OptionalLong.empty();
    }

    private static int unsignedShort(ByteBuffer in, int offset) {
        return in.getShort(offset) & 0xFFFF;
    }

    private static long unsignedInt(ByteBuffer in, int offset) {
        return in.getInt(offset) & 0xFFFF_FFFFL;
    }
}
