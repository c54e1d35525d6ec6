// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.api.event;

import java.net.InetSocketAddress;
import java.time.Instant;

/**
 * A new tunnel was refused because its address opened too many within the configured time.
 *
 * @param remote the client's UDP endpoint
 * @param local the broker's UDP endpoint that was asked
 * @param uuid the client's name for itself; any text, see {@link SessionInfo#uuid}
 * @param at when it happened; the call may come later
 */
public record ConnectionRateLimited(InetSocketAddress remote, InetSocketAddress local, String uuid, Instant at) {}
