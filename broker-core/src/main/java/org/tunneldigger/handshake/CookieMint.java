// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.handshake;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.ShortBufferException;
import javax.crypto.spec.SecretKeySpec;
import org.tunneldigger.protocol.Endpoint;

/**
 * Cookies that cost the broker no memory: the first 64 bits of HMAC-SHA-256 over both endpoints and a clock tick, under
 * a key that lives as long as the process. Every field has a fixed width, so no two flows share an input.
 *
 * <p>Not thread-safe: one loop, one mint.
 */
public final class CookieMint {
    /** A cookie is good in the tick that made it and in the next one: between 64 and 128 seconds. */
    static final long TICK_NANOS = TimeUnit.SECONDS.toNanos(64);

    private static final int ENDPOINT_BYTES = 1 + 8 + 8 + 4 + 4;

    private final long bornNanos;
    private final Mac mac;
    private final ByteBuffer input = ByteBuffer.allocate(2 * ENDPOINT_BYTES + 8);
    private final byte[] digest = new byte[32];
    private final ByteBuffer digestView = ByteBuffer.wrap(digest);

    /** @param bornNanos the caller's clock now; ticks count from here, so that the clock may wrap */
    public CookieMint(SecureRandom random, long bornNanos) {
        this.bornNanos = bornNanos;
        byte[] key = new byte[32];
        random.nextBytes(key);
        try {
            mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has HmacSHA256", e);
        }
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
        input.clear();
        put(remote);
        put(local);
        input.putLong(tick);
        try {
            mac.update(input.array());
            mac.doFinal(digest, 0);
        } catch (ShortBufferException e) {
            throw new IllegalStateException("a SHA-256 digest has 32 bytes", e);
        }
        return digestView.getLong(0);
    }

    private void put(Endpoint endpoint) {
        input.put((byte) (endpoint.v6() ? 6 : 4))
                .putLong(endpoint.high())
                .putLong(endpoint.low())
                .putInt(endpoint.scope())
                .putInt(endpoint.port());
    }
}
