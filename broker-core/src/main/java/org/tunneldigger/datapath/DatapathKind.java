// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.datapath;

/** What carries the frames. */
public enum DatapathKind {
    /** The kernel's L2TPv3; data packets never reach this process. */
    KERNEL,
    /** This process, with a TAP device for each tunnel; needs nothing but /dev/net/tun. */
    TAP
}
