// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.api.event;

import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.Set;

/**
 * One client's tunnel session, as it was opened. Constant for the session's life; what changes (the MTU) is in the
 * events.
 *
 * @param tunnelId the broker's tunnel id, 1…65535; free for another session only after session.down has been handled
 * @param sessionId the broker's L2TP session id, 1…2^32 − 1
 * @param interfaceName the tunnel's network interface, at most 15 characters
 * @param remote the client's UDP endpoint
 * @param local the broker's UDP endpoint: the address that the client asked, and the port
 * @param uuid the client's name for itself: any text a stranger likes, empty, with quotes, line feeds or control
 *     characters, at most 255 bytes as UTF-8. Never put it into a shell command or a log line as it is
 * @param datapath what carries the frames
 * @param features what the client said it can do
 * @param profile what plugins said about this client
 * @param since when the session was opened
 */
public record SessionInfo(
        int tunnelId,
        long sessionId,
        String interfaceName,
        InetSocketAddress remote,
        InetSocketAddress local,
        String uuid,
        Datapath datapath,
        Set<ClientFeature> features,
        SessionProfile profile,
        Instant since) {
    public SessionInfo {
        features = Set.copyOf(features);
    }
}
