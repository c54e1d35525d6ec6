// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.hooks;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.tunneldigger.api.event.ClientFeature;
import org.tunneldigger.api.event.ConnectionRateLimited;
import org.tunneldigger.api.event.Datapath;
import org.tunneldigger.api.event.SessionInfo;
import org.tunneldigger.api.event.SessionProfile;
import org.tunneldigger.api.event.SessionRequest;

/** What the tests of the dispatcher have in common. */
final class HookFixture {
    static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final AtomicInteger LAST_ADDRESS = new AtomicInteger();

    private HookFixture() {}

    static HookLimits limits() {
        return HookLimits.defaults().withDeadline(Duration.ofSeconds(1)).withGrace(Duration.ofMillis(200));
    }

    static SessionInfo session(int tunnelId) {
        return new SessionInfo(
                tunnelId,
                tunnelId,
                "l2tp" + tunnelId + "-" + tunnelId,
                new InetSocketAddress("192.0.2.7", 4000),
                new InetSocketAddress("192.0.2.1", 8942),
                "node-" + tunnelId,
                Datapath.TAP,
                Set.of(ClientFeature.UNIQUE_SESSION_ID),
                SessionProfile.none(),
                Instant.EPOCH);
    }

    static SessionRequest request() {
        return new SessionRequest(
                "node",
                new InetSocketAddress("192.0.2.7", 4000),
                new InetSocketAddress("192.0.2.1", 8942),
                Set.of(),
                Datapath.TAP,
                Instant.EPOCH);
    }

    /** A refusal of a client that has an address of its own. */
    static ConnectionRateLimited refusal(String uuid) {
        return refusal("198.51.100." + LAST_ADDRESS.updateAndGet(last -> last % 250 + 1), uuid);
    }

    static ConnectionRateLimited refusal(String address, String uuid) {
        return new ConnectionRateLimited(
                new InetSocketAddress(address, 4000), new InetSocketAddress("192.0.2.1", 8942), uuid, Instant.EPOCH);
    }

    static void await(CountDownLatch latch) throws InterruptedException {
        assertThat(latch.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }

    static void waitUntil(String what, BooleanSupplier condition) throws InterruptedException {
        long endNanos = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - endNanos).as(what).isNegative();
            Thread.sleep(2);
        }
    }

    /** Waits for the latch whatever interrupts come, as code does that swallows them. */
    static void awaitIgnoringInterrupts(CountDownLatch latch) {
        while (true) {
            try {
                if (latch.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                    return;
                }
                throw new AssertionError("never released");
            } catch (InterruptedException ignored) {
                // that is the point
            }
        }
    }
}
