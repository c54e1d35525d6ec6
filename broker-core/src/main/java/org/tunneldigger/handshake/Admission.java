// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.handshake;

import org.tunneldigger.protocol.Endpoint;

/**
 * Decides whether a client with a good cookie gets a tunnel, before anything is allocated for it. The order is the
 * reference's: room, then the process-wide rate, then the rate of the address; a refused attempt counts for neither rate
 * (docs/protocol.md, "Admission").
 */
public final class Admission {
    /** The decision on one attempt. */
    public enum Verdict {
        ADMITTED,
        /** All tunnels are in use. */
        FULL,
        /** Hooks wait in such numbers that more sessions would only wait behind them. */
        HOOKS_BUSY,
        /** Too soon after the last new tunnel of the process. */
        RATE,
        /** Too many new tunnels from this address. */
        ADDRESS_RATE
    }

    private final AdmissionLimits limits;
    private final AddressRates addresses;
    private boolean anyAdmitted;
    private long lastAdmittedNanos;

    public Admission(AdmissionLimits limits) {
        this.limits = limits;
        this.addresses = new AddressRates(limits.perAddressCount(), limits.perAddressNanos());
    }

    /**
     * Decides, and where admitted counts the attempt.
     *
     * @param tunnels tunnel ids that cannot be had now: of sessions, and of those that have just ended
     * @param hooksBusy whether the hook dispatcher is saturated
     */
    public Verdict admit(Endpoint remote, int tunnels, boolean hooksBusy, long nowNanos) {
        if (tunnels >= limits.maxTunnels()) {
            return Verdict.FULL;
        }
        if (hooksBusy) {
            return Verdict.HOOKS_BUSY;
        }
        if (anyAdmitted && nowNanos - lastAdmittedNanos < limits.minIntervalNanos()) {
            return Verdict.RATE;
        }
        if (limits.limitsAddresses() && !addresses.tryCount(remote.withPort(0), nowNanos)) {
            return Verdict.ADDRESS_RATE;
        }
        anyAdmitted = true;
        lastAdmittedNanos = nowNanos;
        return Verdict.ADMITTED;
    }

    /** Load as USAGE reports it: floor(tunnels / max_tunnels × 65535). */
    public int usage(int tunnels) {
        return (int) Math.min(65535, (long) tunnels * 65535 / limits.maxTunnels());
    }
}
