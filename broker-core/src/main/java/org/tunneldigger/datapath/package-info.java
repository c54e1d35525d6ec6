// SPDX-License-Identifier: Apache-2.0
/**
 * How frames travel between a tunnel's socket and its network interface: what a datapath is, and the choice between the two that
 * exist, the kernel's L2TP and the user-space one over TAP devices. Called by the broker's loop thread; it owns interfaces and
 * kernel tunnels, not sockets, and knows nothing of control messages, sessions' states or hooks.
 */
@NullMarked
package org.tunneldigger.datapath;

import org.jspecify.annotations.NullMarked;
