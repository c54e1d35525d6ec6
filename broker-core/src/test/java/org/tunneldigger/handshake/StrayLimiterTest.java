// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.handshake;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import org.junit.jupiter.api.Test;
import org.tunneldigger.protocol.Endpoint;

class StrayLimiterTest {
    private static final long SECOND = 1_000_000_000L;

    private final StrayLimiter limiter = new StrayLimiter(new SecureRandom());

    @Test
    void anEndpointIsToldOnceASecond() {
        Endpoint endpoint = Endpoint.v4(7, 7);
        assertThat(limiter.mayAnswer(endpoint, -SECOND)).isTrue();
        assertThat(limiter.mayAnswer(endpoint, -1)).isFalse();
        assertThat(limiter.mayAnswer(endpoint, 0)).isTrue();
    }

    @Test
    void allTogetherHaveABound() {
        int answered = 0;
        for (int i = 0; i < 100_000; i++) {
            answered += limiter.mayAnswer(Endpoint.v4(i * 7919, i & 0xFFFF), i) ? 1 : 0;
        }
        assertThat(answered).isEqualTo(StrayLimiter.ANSWERS_PER_SECOND);
        assertThat(limiter.mayAnswer(Endpoint.v6(1, 1, 0, 1), 100 * SECOND)).isTrue();
    }
}
