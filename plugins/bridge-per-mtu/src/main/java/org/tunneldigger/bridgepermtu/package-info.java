// SPDX-License-Identifier: Apache-2.0
/**
 * The plugin bridge-per-mtu: one bridge for each MTU that tunnels have, made when the first tunnel needs it, with the
 * machine's addresses and a routing rule; each tunnel's interface is a port of the bridge of its MTU, isolated from the
 * other tunnels before it forwards, and a bridge without ports attracts no traffic. Or one bridge for all, or another master.
 * Called by the broker through the hooks; depends on plugin-api alone and knows nothing of how the network is changed.
 * docs/plugins.md has its keys.
 */
@NullMarked
package org.tunneldigger.bridgepermtu;

import org.jspecify.annotations.NullMarked;
