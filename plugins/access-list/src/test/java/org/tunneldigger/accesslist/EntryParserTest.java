// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.accesslist;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EntryParserTest {
    private static Entries entries(String... lines) {
        EntryParser.Parsed parsed = EntryParser.parse(Arrays.asList(lines));
        assertThat(parsed.mistakes()).isEmpty();
        return parsed.entries();
    }

    @Test
    void everyFormOfLine() throws Exception {
        Entries entries = entries(
                "\uFEFF# all of them",
                "",
                "  # and a blank one",
                "abba",
                "deadbeef # a router's",
                "02:74:00:11:22:33",
                "10.0.0.0/8",
                "192.0.2.7#mine",
                "2001:db8::/32",
                "2001:db9::1",
                "uuid 192.0.2.99",
                "uuid \"a b#\\\"\\\\\\n\\u00e9\" # strange",
                "uuid # a router that is called so",
                "uuid \"\"");
        assertThat(entries.uuids())
                .containsExactlyInAnyOrder(
                        "abba", "deadbeef", "02:74:00:11:22:33", "192.0.2.99", "a b#\"\\\né", "uuid", "");
        assertThat(entries.prefixes().size()).isEqualTo(4);
        assertThat(entries.find("x", InetAddress.getByName("10.255.255.255"))).contains("10.0.0.0/8");
        assertThat(entries.find("x", InetAddress.getByName("192.0.2.7"))).contains("its address");
        assertThat(entries.find("x", InetAddress.getByName("2001:db8:ffff::1"))).contains("2001:db8::/32");
        assertThat(entries.find("x", InetAddress.getByName("192.0.2.99"))).isEmpty();
        assertThat(entries.find("x", InetAddress.getByName("11.0.0.0"))).isEmpty();
        assertThat(entries.find("abba", InetAddress.getByName("11.0.0.0"))).contains("its uuid");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a b",
                "10.0.0.256",
                "10.0.0.0/33",
                "10.0.0.1/8",
                "2001:db8::/129",
                "2001:db8:::1",
                "a/b",
                "\"abba\"",
                "uuid \"abba",
                "uuid \"abba\" \"x\"",
                "uuid \"\\x\"",
                "uuid \"\\u12\"",
                "uuid a b",
                "ab\uFFFD"
            })
    void whatIsWrongIsToldWithItsLine(String line) {
        EntryParser.Parsed parsed = EntryParser.parse(List.of("abba", line, "also good", "x"));
        assertThat(parsed.mistakes()).hasSize(2).first().asString().startsWith("2: ");
    }

    @Test
    void whatIsInvisibleOrTurnsTheLineIsEscaped() {
        assertThat(QuotedText.of("\u202e\u2028\u0085\u200b\u0000é"))
                .isEqualTo("\"\\u202e\\u2028\\u0085\\u200b\\u0000é\"");
    }

    @Test
    void anyTextSurvivesItsQuotes() {
        Random random = new Random(7);
        for (int i = 0; i < 2000; i++) {
            StringBuilder text = new StringBuilder();
            for (int length = random.nextInt(20); length > 0; length--) {
                text.append((char) (random.nextBoolean() ? random.nextInt(128) : random.nextInt(0xD800)));
            }
            String quoted = QuotedText.of(text.toString());
            assertThat(quoted).doesNotContain("\n", "\r", "\u001b", "\u202e", "\u2028");
            assertThat(entries("uuid " + quoted + " # end").uuids()).containsExactly(text.toString());
        }
    }

    @Test
    void aHundredThousandEntriesAreFoundFast() throws Exception {
        String[] lines = new String[100_000];
        for (int i = 0; i < lines.length; i++) {
            lines[i] = i % 2 == 0 ? "10." + (i >> 16) + "." + (i >> 8 & 255) + "." + (i & 255) : "router-" + i;
        }
        Entries entries = entries(lines);
        assertThat(entries.size()).isEqualTo(100_000);
        InetAddress address = InetAddress.getByName("10.1.0.2");
        long start = System.nanoTime();
        for (int i = 0; i < 100_000; i++) {
            assertThat(entries.find("nobody", address).isPresent()).isTrue();
        }
        // A walk over the list would take a thousand times as long.
        assertThat((System.nanoTime() - start) / 1_000_000).as("milliseconds").isLessThan(5_000);
    }
}
