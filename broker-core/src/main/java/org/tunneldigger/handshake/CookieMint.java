// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.handshake;

import java.security.SecureRandom;
import java.util.concurrent.TimeUnit;
import org.tunneldigger.protocol.Endpoint;

/**
 * Cookies that cost the broker no memory: SipHash-2-4 over both endpoints and a clock tick, under a key that lives as long as the
 * process (docs/adr/0015-siphash-cookies.md). Every field has a fixed width, so no two flows share an input.
 *
 * <p>Not thread-safe: one loop, one mint.
 */
public final class CookieMint {
    /** A cookie is good in the tick that made it and in the next one: between 64 and 128 seconds. */
    static final long TICK_NANOS = TimeUnit.SECONDS.toNanos(64);

    private final long bornNanos;
    private final SipHash hash;

    /** @param bornNanos the caller's clock now; ticks count from here, so that the clock may wrap */
    public CookieMint(SecureRandom random, long bornNanos) {
        this.bornNanos = bornNanos;
        this.hash = new SipHash(random.nextLong(), random.nextLong());
    }

    /** The cookie for packets from {@code remote} to {@code local}. */
    public long mint(Endpoint remote, Endpoint local, long nowNanos) {
        return cookieOfTick(remote, local, tick(nowNanos));
    }

    /** Whether this mint made the cookie for these endpoints in this tick or the last. */
    public boolean accepts(long cookie, Endpoint remote, Endpoint local, long nowNanos) {
        long tick = tick(nowNanos);
        // Both are always computed, and two longs compare in constant time: the answer's delay tells a stranger
        // nothing.
        boolean current = cookieOfTick(remote, local, tick) == cookie;
        boolean previous = cookieOfTick(remote, local, tick - 1) == cookie;
        return current | previous;
    }

    private long tick(long nowNanos) {
        return Math.floorDiv(nowNanos - bornNanos, TICK_NANOS);
    }

    private long cookieOfTick(Endpoint remote, Endpoint local, long tick) {
        hash.start();
        add(remote);
        add(local);
        return hash.add(tick).finish();
    }

    private void add(Endpoint endpoint) {
        // 32 bits of scope, 16 of port, one of the family
        hash.add((long) endpoint.scope() << 32 | (long) endpoint.port() << 1 | (endpoint.v6() ? 1 : 0))
                .add(endpoint.high())
                .add(endpoint.low());
    }
}
