// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.api.event;

/** What carries a session's frames. Later versions may add constants. */
public enum Datapath {
    /** The kernel's L2TPv3 pseudowire. */
    KERNEL,
    /** A TAP device served by the broker itself. */
    TAP
}
