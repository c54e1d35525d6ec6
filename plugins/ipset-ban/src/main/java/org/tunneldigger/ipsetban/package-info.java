// SPDX-License-Identifier: Apache-2.0
/**
 * The plugin ipset-ban: an address that asks for tunnels faster than it may goes into a set of nftables or an ipset for some
 * time, where a rule of the packet filter drops what it sends. With nftables the plugin makes set and rule itself.
 *
 * <p>Called by the broker through broker.connection-rate-limit; depends on plugin-api alone. What it made stays when it ends, so
 * that a restart frees nobody.
 */
@NullMarked
package org.tunneldigger.ipsetban;

import org.jspecify.annotations.NullMarked;
