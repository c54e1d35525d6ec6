// SPDX-License-Identifier: Apache-2.0
/**
 * Netlink: requests as bytes, acknowledgements and dumps, and on top of them the verbs of {@code ip}, {@code bridge},
 * {@code tc}, {@code ip l2tp}, {@code nft} and {@code ipset} as methods. It owns netlink sockets, each in the network namespace of the thread that opened it
 * and used by one thread. Called by {@code datapath}, by {@code network} and by tests; it knows numbers and names of
 * links and tunnels, but no sessions and no policy.
 */
@NullMarked
package org.tunneldigger.netlink;

import org.jspecify.annotations.NullMarked;
