// SPDX-License-Identifier: Apache-2.0
/**
 * What happens before a session exists: cookies that prove an endpoint's address, the admission of new tunnels, and the
 * limit on answers to strays. Called by the packet router on the loop's thread; pure, so time is an argument. Knows no
 * sockets and no sessions.
 */
@NullMarked
package org.tunneldigger.handshake;

import org.jspecify.annotations.NullMarked;
