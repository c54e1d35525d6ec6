// SPDX-License-Identifier: Apache-2.0
/**
 * The broker itself: sockets in, packets routed to handshake or session, effects carried out on datapath, peer and hooks.
 * Wired by main, driven by the loop's thread alone. Decides nothing about the protocol: that is the sessions' and the
 * handshake's.
 */
@NullMarked
package org.tunneldigger.broker;

import org.jspecify.annotations.NullMarked;
