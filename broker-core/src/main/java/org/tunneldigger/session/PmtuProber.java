// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.session;

import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * Finds the largest packet that reaches the peer, in rounds of up to four bursts. A burst begins with the largest size alone: on most
 * paths that is acknowledged, and all is said. Where it is not soon, every size follows that is not acknowledged yet, the smallest first;
 * so acknowledgements come smallest first too, and the decision waits until they have settled: once a burst, not once an acknowledgement. The first round may lower the MTU at its first decision,
 * since large packets vanish until then; a later round raises at once but lowers only at its end, when four lost probes
 * of a size speak for the path and not for bad luck. A round without any acknowledgement speaks of an outage, or of a peer
 * that was not ready yet, rather than of the path: the next one comes soon, and ever later while the silence lasts.
 */
final class PmtuProber {
    static final int BURSTS = 4;
    static final long FIRST_BURST_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    static final long BURST_INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** From a burst's largest probe to the others: more than a round trip on most links. */
    static final long LARGEST_ALONE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    /** Acknowledgements of one burst arrive closer together than this on any link above 100 kbit/s. */
    static final long SETTLE_NANOS = TimeUnit.MILLISECONDS.toNanos(150);

    /** From the end of the first silent round to the next round; it doubles with each further one in a row. */
    static final long FIRST_SILENT_GAP_NANOS = TimeUnit.SECONDS.toNanos(10);

    static final long MIN_ROUND_GAP_NANOS = TimeUnit.SECONDS.toNanos(500);
    static final long MAX_ROUND_GAP_NANOS = TimeUnit.SECONDS.toNanos(700);

    /**
     * What a point in time asks for.
     *
     * @param probes sizes of IP packets to send, the smallest first
     * @param tunnelMtu present when a decision fell: the tunnel MTU that this end measured
     */
    record Step(List<Integer> probes, OptionalInt tunnelMtu) {}

    private final PmtuProfile profile;
    private final RandomGenerator random;
    private boolean firstRound = true;
    private int burstsSent;
    private boolean largestAlone;
    private int acknowledged;
    private int decidedOn;
    private boolean decidedThisBurst;
    private int measured;
    private long silentGapNanos = FIRST_SILENT_GAP_NANOS;
    private long nextStepNanos;
    private boolean decisionPending;
    private long decideNanos;

    PmtuProber(PmtuProfile profile, long nowNanos, RandomGenerator random) {
        this.profile = profile;
        this.random = random;
        this.measured = profile.maxTunnelMtu();
        this.nextStepNanos = nowNanos + FIRST_BURST_NANOS;
    }

    /** When {@link #onTimer} wants to be called next, in the caller's clock. */
    long deadlineNanos() {
        return decisionPending && decideNanos - nextStepNanos < 0 ? decideNanos : nextStepNanos;
    }

    Step onTimer(long nowNanos) {
        OptionalInt decision = OptionalInt.empty();
        if (decisionPending && nowNanos - decideNanos >= 0) {
            decision = decide();
        }
        if (nowNanos - nextStepNanos < 0) {
            return new Step(List.of(), decision);
        }
        if (largestAlone) {
            return new Step(restOfBurst(nowNanos), decision);
        }
        if (burstsSent == BURSTS) {
            return new Step(List.of(), endRound(nowNanos));
        }
        burstsSent++;
        largestAlone = true;
        nextStepNanos = nowNanos + LARGEST_ALONE_NANOS;
        return new Step(List.of(profile.largestProbe()), decision);
    }

    private List<Integer> restOfBurst(long nowNanos) {
        largestAlone = false;
        nextStepNanos = nowNanos - LARGEST_ALONE_NANOS + BURST_INTERVAL_NANOS;
        decidedThisBurst = false;
        if (acknowledged > decidedOn) {
            awaitSettling(nowNanos);
        }
        return profile.probeSizesAbove(acknowledged);
    }

    /**
     * Takes an acknowledgement of an IP packet of this size; sizes that are not ours, or come outside a round, are
     * ignored.
     *
     * @return this end's tunnel MTU, if nothing larger is left to wait for
     */
    OptionalInt onAcknowledged(int pathMtu, long nowNanos) {
        boolean ours = profile.probeSizes().contains(pathMtu);
        if (!ours || burstsSent == 0 || pathMtu <= acknowledged) {
            return OptionalInt.empty();
        }
        acknowledged = pathMtu;
        if (pathMtu == profile.largestProbe()) {
            return endRound(nowNanos);
        }
        if (!decidedThisBurst) {
            awaitSettling(nowNanos);
        }
        return OptionalInt.empty();
    }

    private void awaitSettling(long nowNanos) {
        decisionPending = true;
        decideNanos = nowNanos + SETTLE_NANOS;
    }

    private OptionalInt decide() {
        decisionPending = false;
        decidedThisBurst = true;
        decidedOn = acknowledged;
        int candidate = profile.tunnelMtu(acknowledged);
        if (!firstRound && candidate <= measured) {
            return OptionalInt.empty();
        }
        measured = candidate;
        return OptionalInt.of(measured);
    }

    private OptionalInt endRound(long nowNanos) {
        boolean silent = acknowledged == 0;
        measured = silent ? PmtuProfile.MIN_TUNNEL_MTU : profile.tunnelMtu(acknowledged);
        nextStepNanos = nowNanos + roundGapNanos(silent);
        firstRound = false;
        burstsSent = 0;
        largestAlone = false;
        acknowledged = 0;
        decidedOn = 0;
        decidedThisBurst = false;
        decisionPending = false;
        return OptionalInt.of(measured);
    }

    private long roundGapNanos(boolean silent) {
        long usual = random.nextLong(MIN_ROUND_GAP_NANOS, MAX_ROUND_GAP_NANOS);
        if (!silent) {
            silentGapNanos = FIRST_SILENT_GAP_NANOS;
            return usual;
        }
        long gap = Math.min(silentGapNanos, usual);
        silentGapNanos = Math.min(2 * silentGapNanos, MAX_ROUND_GAP_NANOS);
        return gap;
    }
}
