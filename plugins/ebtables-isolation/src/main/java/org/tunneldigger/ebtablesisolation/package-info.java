// SPDX-License-Identifier: Apache-2.0
/**
 * The plugin ebtables-isolation: keeps tunnels apart in bridges that something else puts them into, a script as a rule. Its
 * one mode, {@code port}, is the kernel's bridge-port isolation: an isolated port reaches only ports that are not.
 *
 * <p>With the plugin bridge-per-mtu it is not needed: there a port is isolated in the same batch in which it joins the
 * bridge, so it never forwards otherwise. Here the port forwards already when it is isolated: between the two lies the rest of
 * the script's run.
 *
 * <p>Called by the broker through the hooks, after the plugin that does the bridging; depends on plugin-api alone and knows
 * nothing of which bridge is whose.
 */
@NullMarked
package org.tunneldigger.ebtablesisolation;

import org.jspecify.annotations.NullMarked;
