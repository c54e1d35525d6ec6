// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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

class ControlCodecTest {

    @ParameterizedTest
    @CsvSource({
        "'', TOO_SHORT",
        "8073a70105, TOO_SHORT",
        "000300000000006400000000, DATA_PACKET",
        "8073a80105000000000000, FOREIGN_MAGIC",
        "c80300000000, FOREIGN_MAGIC",
        "8073a7020500, FOREIGN_VERSION",
        "8073a701050400000000, ",
        "8073a7010504000000, PAYLOAD_CUT_OFF",
        "8073a7010b00, UNKNOWN_TYPE",
        "8073a7017f00, UNKNOWN_TYPE",
        "8073a701010758585858585858, BAD_PAYLOAD",
        "8073a701040300006400, BAD_PAYLOAD",
        "8073a7010703058200, BAD_PAYLOAD",
        "8073a701090105, BAD_PAYLOAD",
        "8073a701080100, BAD_PAYLOAD",
        "8073a7010a0755555555555555, BAD_PAYLOAD",
        "8073a7018000, BAD_PAYLOAD",
        "8073a701800100, BAD_PAYLOAD",
        "8073a70102080000000000000000, BAD_PAYLOAD",
        "8073a7010209000000000000000001, BAD_PAYLOAD",
        "8073a701020a0000000000000000ff41, BAD_PAYLOAD",
        "8073a701020a000000000000000001ff, UUID_NOT_UTF8",
        "8073a701020b000000000000000002c0af, UUID_NOT_UTF8",
    })
    void namesWhyADatagramIsNoMessage(String hex, DecodeFailure expected) {
        Decoded decoded = decode(hex == null ? "" : hex);
        if (expected == null) {
            assertThat(decoded).isInstanceOf(ControlMessage.class);
        } else {
            assertThat(decoded).isEqualTo(expected);
        }
    }

    @Test
    void takesOnlyThePromisedPayloadAndIgnoresGarbageAfterIt() {
        assertThat(decode("8073a701050200070000dead")).isEqualTo(new Keepalive(7, 2));
        assertThat(decode("8073a7010300deadbeef0000"))
                .isEqualTo(new ControlMessage.Error(ControlMessage.Error.NO_REASON));
    }

    @Test
    void prepareHasDefaultsForItsTrailingFields() {
        assertThat(decode("8073a701020b 0102030405060708 02 6162"))
                .isEqualTo(new Prepare(0x0102030405060708L, "ab", OptionalLong.empty(), OptionalLong.empty()));
        assertThat(decode("8073a701020f 0102030405060708 02 6162 fffffffe"))
                .isEqualTo(new Prepare(0x0102030405060708L, "ab", OptionalLong.of(0xFFFFFFFEL), OptionalLong.empty()));
        assertThat(decode("8073a7010213 0102030405060708 02 6162 00000007 00000001"))
                .isEqualTo(new Prepare(0x0102030405060708L, "ab", OptionalLong.of(7), OptionalLong.of(1)));
    }

    @Test
    void aReliableMessageWithASequenceIsAlwaysAMessageSinceItMustBeAcknowledged() {
        assertThat(decode("8073a7018002 0009")).isEqualTo(new UnknownReliable(9, 0x80));
        assertThat(decode("8073a7018008 0009 02 04 00000800")).isEqualTo(new UnknownReliable(9, 0x80));
        assertThat(decode("8073a701ff02 ffff")).isEqualTo(new UnknownReliable(0xFFFF, 0xFF));
        assertThat(decode("8073a7018008 0009 01 04 ffffffff")).isEqualTo(new LimitDownstream(9, 0xFFFFFFFFL));
    }

    @Test
    void probesKeepTheirSize() {
        ByteBuffer out = ByteBuffer.allocate(2048);
        ControlCodec.encode(new Pmtud(1472), out);
        assertThat(out.limit()).isEqualTo(1472);
        assertThat(ControlCodec.decode(out, 1472)).isEqualTo(new Pmtud(1472));
    }

    @Test
    void refusesAUuidThatDoesNotFit() {
        Prepare tooLong = new Prepare(0, "a".repeat(239), OptionalLong.of(1), OptionalLong.of(1));
        assertThatThrownBy(() -> ControlCodec.encode(tooLong, ByteBuffer.allocate(2048)))
                .isInstanceOf(IllegalArgumentException.class);
        ControlCodec.encode(
                new Prepare(0, "a".repeat(238), OptionalLong.of(1), OptionalLong.of(1)), ByteBuffer.allocate(2048));
    }

    /** Seeded, so that a failure can be repeated: the seed is in the failure's text. */
    @Test
    void everyMessageSurvivesTheWire() {
        for (long seed = 0; seed < 20_000; seed++) {
            ControlMessage message = anyMessage(new Random(seed));
            ByteBuffer out = ByteBuffer.allocate(2048);
            ControlCodec.encode(message, out);
            assertThat(ControlCodec.decode(out, out.limit()))
                    .as("seed %d", seed)
                    .isEqualTo(message);
            assertThat(out.limit()).as("seed %d", seed).isGreaterThanOrEqualTo(ControlCodec.MIN_LENGTH);
        }
    }

    @Test
    void noDatagramMakesItThrow() {
        for (long seed = 0; seed < 200_000; seed++) {
            Random random = new Random(seed);
            byte[] bytes = new byte[random.nextInt(64)];
            random.nextBytes(bytes);
            if (bytes.length >= 6 && random.nextInt(10) > 0) {
                System.arraycopy(HexFormat.of().parseHex("8073a701"), 0, bytes, 0, 4);
                bytes[4] = random.nextBoolean() ? (byte) random.nextInt(12) : (byte) (0x7F + random.nextInt(3));
                bytes[5] = (byte) random.nextInt(70);
            }
            assertThat(ControlCodec.decode(ByteBuffer.wrap(bytes), bytes.length))
                    .as("seed %d", seed)
                    .isNotNull();
        }
    }

    private static ControlMessage anyMessage(Random random) {
        int u16 = random.nextInt(65536);
        long u32 = random.nextLong() & 0xFFFFFFFFL;
        OptionalLong maybe = random.nextBoolean() ? OptionalLong.of(u32) : OptionalLong.empty();
        OptionalLong alsoMaybe = maybe.isPresent() && random.nextBoolean() ? OptionalLong.of(1) : OptionalLong.empty();
        String uuid = List.of("", "node-1", "ünïcödé ❄", "with\nnewline and 'quotes'", "x".repeat(238))
                .get(random.nextInt(5));
        return switch (random.nextInt(13)) {
            case 0 -> new Cookie(random.nextLong());
            case 1 -> new UsageRequest(maybe);
            case 2 -> new UsageReply(u16);
            case 3 -> new Prepare(random.nextLong(), uuid, maybe, alsoMaybe);
            case 4 -> new Tunnel(u32, maybe);
            case 5 -> new ControlMessage.Error(random.nextInt(257) - 1);
            case 6 -> random.nextBoolean() ? new Keepalive(u32, 4) : new Keepalive(u16, 2);
            case 7 -> new Pmtud(12 + random.nextInt(1500));
            case 8 -> new PmtudAck(u16);
            case 9 -> new PmtuNotify(u16);
            case 10 -> new RelAck(u16);
            case 11 -> new LimitDownstream(u16, u32);
            default -> new UnknownReliable(u16, 0x81 + random.nextInt(0x7F));
        };
    }

    private static Decoded decode(String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
        return ControlCodec.decode(ByteBuffer.wrap(bytes), bytes.length);
    }
}
