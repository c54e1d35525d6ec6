// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.config;

/** Which datapath the operator asks for: {@code datapath} in {@code [broker]}. */
public enum DatapathSetting {
    /** The kernel's L2TP where it works, the TAP datapath elsewhere. */
    AUTO,
    /** The kernel's L2TP or nothing. */
    KERNEL,
    /** Encapsulation in this process, over a TAP device. */
    TAP
}
