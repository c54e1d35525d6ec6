// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.api.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrefixSetTest {
    private static PrefixSet set(String... prefixes) {
        return PrefixSet.of(Stream.of(prefixes).map(AddressPrefix::parse).toList());
    }

    private static String find(PrefixSet set, String address) throws Exception {
        return set.find(InetAddress.getByName(address))
                .map(AddressPrefix::toString)
                .orElse("none");
    }

    @Test
    void theLongestPrefixIsFound() throws Exception {
        PrefixSet set = set("10.0.0.0/8", "10.1.0.0/16", "10.1.2.3", "2001:db8::/32", "2001:db8::7", "fd00::/65");
        assertThat(find(set, "10.1.2.3")).isEqualTo("10.1.2.3");
        assertThat(find(set, "10.1.2.4")).isEqualTo("10.1.0.0/16");
        assertThat(find(set, "10.2.0.0")).isEqualTo("10.0.0.0/8");
        assertThat(find(set, "11.0.0.0")).isEqualTo("none");
        assertThat(find(set, "2001:db8::7")).isEqualTo("2001:db8::7");
        assertThat(find(set, "2001:db8:ffff::")).isEqualTo("2001:db8::/32");
        assertThat(find(set, "2001:db9::")).isEqualTo("none");
        assertThat(find(set, "fd00::7fff:ffff:ffff:ffff")).isEqualTo("fd00::/65");
        assertThat(find(set, "fd00::8000:0:0:0")).isEqualTo("none");
        assertThat(set.size()).isEqualTo(6);
    }

    @Test
    void familiesAreApart() throws Exception {
        assertThat(find(set("0.0.0.0/0"), "::1")).isEqualTo("none");
        assertThat(find(set("0.0.0.0/0"), "255.255.255.255")).isEqualTo("0.0.0.0/0");
        assertThat(find(set("::/0"), "0.0.0.1")).isEqualTo("none");
        assertThat(find(set("::/0"), "ffff::1")).isEqualTo("::/0");
    }

    @Test
    void itFindsWhatAWalkOverAllFinds() throws Exception {
        Random random = new Random(11);
        for (int round = 0; round < 200; round++) {
            int bytes = random.nextBoolean() ? 4 : 16;
            List<AddressPrefix> prefixes = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                prefixes.add(prefix(random, bytes));
            }
            PrefixSet set = PrefixSet.of(prefixes);
            for (int i = 0; i < 50; i++) {
                InetAddress address = InetAddress.getByAddress(address(random, bytes));
                assertThat(set.contains(address))
                        .isEqualTo(prefixes.stream().anyMatch(prefix -> covers(prefix, address)));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "abba",
                "10.0.0.1/8",
                "10.0.0.0/33",
                "1.2.3",
                "2001:db8::1/32",
                "2001:db8::/-1",
                "::ffff:10.0.0.0/96"
            })
    void whatIsNoPrefixIsRefusedWithItsText(String text) {
        assertThatThrownBy(() -> AddressPrefix.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + text + "'");
    }

    private static AddressPrefix prefix(Random random, int bytes) throws Exception {
        int length = random.nextInt(bytes * 8 + 1);
        byte[] address = address(random, bytes);
        for (int bit = length; bit < bytes * 8; bit++) {
            address[bit / 8] &= (byte) ~(0x80 >> bit % 8);
        }
        return new AddressPrefix(InetAddress.getByAddress(address), length);
    }

    /** Few different bits in each byte, so that some prefixes hold. */
    private static byte[] address(Random random, int bytes) {
        byte[] address = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            address[i] = (byte) (random.nextInt(4) == 0 ? random.nextInt(256) : 0x20);
        }
        return address;
    }

    private static boolean covers(AddressPrefix prefix, InetAddress address) {
        byte[] network = prefix.network().getAddress();
        byte[] bytes = address.getAddress();
        for (int bit = 0; bit < prefix.length(); bit++) {
            if (((network[bit / 8] ^ bytes[bit / 8]) & 0x80 >> bit % 8) != 0) {
                return false;
            }
        }
        return true;
    }
}
