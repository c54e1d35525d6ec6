// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.handshake;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The authors' vectors: key 00 01 … 0f, input 00 01 …; also what {@code openssl mac … SIPHASH} says. */
class SipHashTest {
    @ParameterizedTest
    @CsvSource({"0, 310E0EDD47DB6F72", "1, 6224939A79F5F593", "2, DB9BC2577FCC2A3F", "7, BD838D3AAFBF8DB7"})
    void hashesAsItsAuthorsDo(int words, String expected) {
        SipHash hash = new SipHash(word(0), word(8));
        for (int round = 0; round < 2; round++) {
            hash.start();
            for (int i = 0; i < words; i++) {
                hash.add(word(8 * i));
            }
            assertThat(HexFormat.of().withUpperCase().formatHex(bytes(hash.finish())))
                    .isEqualTo(expected);
        }
    }

    /** The bytes first, first + 1, … as the word that has the first in its lowest bits. */
    private static long word(int first) {
        byte[] bytes = new byte[8];
        for (int i = 0; i < 8; i++) {
            bytes[i] = (byte) (first + i);
        }
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
    }

    private static byte[] bytes(long word) {
        return ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(word)
                .array();
    }
}
