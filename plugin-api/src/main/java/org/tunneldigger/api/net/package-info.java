// SPDX-License-Identifier: Apache-2.0
/**
 * The machine's network as plugins may change it: bridges and their ports, addresses, routes and routing rules, limits,
 * and packet filters (nftables, ipset), as verbs without a shell. A plugin gets it from its {@link org.tunneldigger.api.PluginContext}; the broker implements it. Knows names and
 * numbers of interfaces and tables, but no sessions.
 */
@NullMarked
package org.tunneldigger.api.net;

import org.jspecify.annotations.NullMarked;
