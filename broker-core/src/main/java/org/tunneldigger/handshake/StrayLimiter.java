// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.handshake;

import java.security.SecureRandom;
import java.util.concurrent.TimeUnit;
import org.tunneldigger.protocol.Endpoint;

/**
 * Bounds the answers to strays: packets that can only belong to a session, from an endpoint that has none. Each endpoint
 * is told at most once a second, and all of them together at most {@link #ANSWERS_PER_SECOND} times. A table of fixed
 * size under a secret seed keeps the times, so a flood from invented endpoints takes no memory; two endpoints that share
 * a slot merely wait for each other.
 */
public final class StrayLimiter {
    static final int ANSWERS_PER_SECOND = 2_000;
    private static final int SLOTS = 1 << 14;
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final long seed;
    private final long[] answeredAt = new long[SLOTS];
    private final boolean[] used = new boolean[SLOTS];
    private long windowStart;
    private int inWindow;

    public StrayLimiter(SecureRandom random) {
        seed = random.nextLong();
    }

    /** Whether this stray may be answered now; an answer is counted. */
    public boolean mayAnswer(Endpoint remote, long nowNanos) {
        int slot = slotOf(remote);
        if (used[slot] && nowNanos - answeredAt[slot] < SECOND) {
            return false;
        }
        if (inWindow == 0 || nowNanos - windowStart >= SECOND) {
            windowStart = nowNanos;
            inWindow = 0;
        }
        if (inWindow >= ANSWERS_PER_SECOND) {
            return false;
        }
        inWindow++;
        used[slot] = true;
        answeredAt[slot] = nowNanos;
        return true;
    }

    private int slotOf(Endpoint remote) {
        long mixed = seed ^ remote.high();
        mixed = (mixed ^ mixed >>> 32) * 0x9E37_79B9_7F4A_7C15L ^ remote.low();
        mixed = (mixed ^ mixed >>> 29) * 0xBF58_476D_1CE4_E5B9L ^ remote.port();
        mixed = (mixed ^ mixed >>> 32) * 0x94D0_49BB_1331_11EBL;
        return (int) (mixed >>> 40) & SLOTS - 1;
    }
}
