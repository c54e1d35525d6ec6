// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.handshake;

/**
 * What the operator allows; all limits hold for the process, whatever the number of its addresses and ports.
 *
 * @param maxTunnels sessions at a time, at least 1
 * @param minIntervalNanos least time between two new tunnels, 0 = any
 * @param perAddressCount new tunnels that one address may open within {@code perAddressNanos}, 0 = any number
 * @param perAddressNanos the window of {@code perAddressCount}, 0 = no limit
 */
public record AdmissionLimits(int maxTunnels, long minIntervalNanos, int perAddressCount, long perAddressNanos) {
    boolean limitsAddresses() {
        return perAddressCount > 0 && perAddressNanos > 0;
    }
}
