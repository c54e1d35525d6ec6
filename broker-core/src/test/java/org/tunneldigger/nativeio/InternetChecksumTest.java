// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.nativeio;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

class InternetChecksumTest {
    @Test
    void isThatOfTheStandardsExample() {
        byte[] example = HexFormat.of().parseHex("0001f203f4f5f6f7"); // RFC 1071, 3
        OffHeap memory = new OffHeap(8);
        memory.network.put(0, example);
        assertThat(InternetChecksum.sum(memory, 0, 8)).isEqualTo(0xDDF2);
    }

    @Test
    void isThatOfWordsOneByOneForAllLengthsAndPlaces() {
        Random random = new Random(1);
        OffHeap memory = new OffHeap(300);
        for (int i = 0; i < memory.size(); i++) {
            memory.network.put(i, (byte) (random.nextInt(4) == 0 ? 0xFF : random.nextInt()));
        }
        for (int offset = 0; offset < 9; offset++) {
            for (int length = 0; length < 290; length++) {
                assertThat(InternetChecksum.sum(memory, offset, length))
                        .as("%d bytes from %d", length, offset)
                        .isEqualTo(oneByOne(memory, offset, length));
            }
        }
    }

    @Test
    void foldsAnySum() {
        assertThat(InternetChecksum.fold(0)).isZero();
        assertThat(InternetChecksum.fold(0xFFFF)).isEqualTo(0xFFFF);
        assertThat(InternetChecksum.fold(0x1_0000)).isEqualTo(1);
        assertThat(InternetChecksum.fold(0x1_FFFE)).isEqualTo(0xFFFF);
        assertThat(InternetChecksum.fold(0x1_FFFF)).isEqualTo(1);
        assertThat(InternetChecksum.fold(Long.MAX_VALUE)).isEqualTo((int) (Long.MAX_VALUE % 0xFFFF));
    }

    private static int oneByOne(OffHeap memory, int offset, int length) {
        int sum = 0;
        for (int i = 0; i < length; i++) {
            sum += (memory.network.get(offset + i) & 0xFF) << (i % 2 == 0 ? 8 : 0);
            sum = (sum & 0xFFFF) + (sum >>> 16);
        }
        return sum;
    }
}
