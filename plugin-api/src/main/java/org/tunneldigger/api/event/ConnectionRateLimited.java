// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.api.event;

import java.net.InetSocketAddress;

/**
 * A new tunnel was refused because its address opened too many within the configured time.
 *
 * @param remote the client's UDP endpoint
 * @param uuid the client's name for itself; any text, see {@link SessionInfo#uuid}
 */
public record ConnectionRateLimited(InetSocketAddress remote, String uuid) {}
