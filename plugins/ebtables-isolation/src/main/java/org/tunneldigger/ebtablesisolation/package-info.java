// SPDX-License-Identifier: Apache-2.0
/**
 * The plugin ebtables-isolation: keeps tunnels from reaching each other in bridges that something else puts them into. In mode
 * {@code port} by the kernel's bridge-port isolation, a property of a port, which it can have only once it is one. In mode
 * {@code nftables} by one rule and a set of interfaces, in force before the port joins any bridge. In mode {@code ebtables} by a
 * rule for each bridge, set by that program.
 *
 * <p>With the plugin bridge-per-mtu it is not needed: there a port is isolated in the same batch in which it joins the
 * bridge, so it never forwards otherwise.
 *
 * <p>Called by the broker through the hooks; owns the nftables table or ebtables chain of the configured name. Depends on
 * plugin-api alone and knows nothing of which bridge is whose.
 */
@NullMarked
package org.tunneldigger.ebtablesisolation;

import org.jspecify.annotations.NullMarked;
