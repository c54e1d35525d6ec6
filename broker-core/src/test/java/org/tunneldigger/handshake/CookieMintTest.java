// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.handshake;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tunneldigger.protocol.Endpoint;

class CookieMintTest {
    private static final Endpoint CLIENT = Endpoint.v4(0x0A4D0002, 40000);
    private static final Endpoint BROKER = Endpoint.v4(0x0A4D0001, 8942);

    private final CookieMint mint = new CookieMint(new SecureRandom(), 0);

    /** The clock may start anywhere, below zero and at its wrap included. */
    @ParameterizedTest
    @ValueSource(longs = {0, -1, 1, Long.MAX_VALUE - 5_000_000_000L, Long.MIN_VALUE, -64_000_000_000L})
    void livesBetweenOneAndTwoTicks(long born) {
        CookieMint mint = new CookieMint(new SecureRandom(), born);
        long now = born + 100_000_000_000L;
        long cookie = mint.mint(CLIENT, BROKER, now);
        assertThat(mint.accepts(cookie, CLIENT, BROKER, now)).isTrue();
        long inTick = (now - born) % CookieMint.TICK_NANOS;
        assertThat(mint.accepts(cookie, CLIENT, BROKER, now + 2 * CookieMint.TICK_NANOS - inTick - 1))
                .isTrue();
        assertThat(mint.accepts(cookie, CLIENT, BROKER, now + 2 * CookieMint.TICK_NANOS))
                .isFalse();
        assertThat(mint.accepts(cookie, CLIENT, BROKER, now - CookieMint.TICK_NANOS))
                .isFalse();
    }

    /** "1.2.3.41:234" and "1.2.3.4:1234" must not meet in one input, nor may any other two flows. */
    @Test
    void noTwoFlowsShareACookie() {
        Set<Long> cookies = new HashSet<>();
        int flows = 0;
        for (int address : new int[] {0x01020304, 0x01020329}) {
            for (int port : new int[] {234, 1234, 41234}) {
                for (Endpoint broker : new Endpoint[] {BROKER, BROKER.withPort(53)}) {
                    flows += 2;
                    cookies.add(mint.mint(Endpoint.v4(address, port), broker, 0));
                    cookies.add(mint.mint(Endpoint.v6(0, address, 0, port), broker, 0));
                }
            }
        }
        assertThat(cookies).hasSize(flows);
    }

    @Test
    void refusesEveryOtherCookieAndEveryOtherFlow() {
        long cookie = mint.mint(CLIENT, BROKER, 0);
        for (int bit = 0; bit < 64; bit++) {
            assertThat(mint.accepts(cookie ^ 1L << bit, CLIENT, BROKER, 0)).isFalse();
        }
        assertThat(mint.accepts(cookie, CLIENT.withPort(40001), BROKER, 0)).isFalse();
        assertThat(mint.accepts(cookie, CLIENT, BROKER.withPort(53), 0)).isFalse();
        assertThat(new CookieMint(new SecureRandom(), 0).accepts(cookie, CLIENT, BROKER, 0))
                .isFalse();
    }
}
