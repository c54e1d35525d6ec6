// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.tunneldigger.protocol.ControlMessage.Prepare;

class PendingRequestTest {
    private static final Prepare REQUEST = new Prepare(1, "node", OptionalLong.empty(), OptionalLong.empty());

    @Test
    void goesStaleTwentySecondsAfterItWasAskedForLast() {
        long start = Long.MAX_VALUE - 5; // the clock may pass the largest number
        PendingRequest pending = new PendingRequest(start);
        long twenty = TimeUnit.SECONDS.toNanos(20);
        assertThat(pending.isStale(start + twenty)).isFalse();
        assertThat(pending.isStale(start + twenty + 1)).isTrue();
        pending.repeat(REQUEST, start + twenty);
        assertThat(pending.isStale(start + twenty + 1)).isFalse();
        assertThat(pending.isStale(start + 2 * twenty + 1)).isTrue();
    }

    @Test
    void keepsFourRepeatedRequests() {
        PendingRequest pending = new PendingRequest(0);
        for (int i = 0; i < 10; i++) {
            pending.repeat(REQUEST, i);
        }
        assertThat(pending.repeated()).hasSize(4);
        assertThat(pending.isWithdrawn()).isFalse();
        pending.withdraw();
        assertThat(pending.isWithdrawn()).isTrue();
        pending.repeat(REQUEST, 10);
        assertThat(pending.isWithdrawn()).as("wanted again").isFalse();
    }
}
