// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.session;

import java.util.OptionalLong;
import org.tunneldigger.protocol.ControlMessage;
import org.tunneldigger.protocol.ControlMessage.Prepare;

/**
 * What the handshake agreed on; fixed for the session's life.
 *
 * @param tunnelId the broker's tunnel id
 * @param request the client's PREPARE: its uuid, tunnel id and features
 * @param pmtu the numbers of the address family between the ends
 * @param fixedPmtu the configured tunnel MTU, or 0 to discover it
 */
public record SessionSpec(int tunnelId, Prepare request, PmtuProfile pmtu, int fixedPmtu) {

    public String uuid() {
        return request.uuid();
    }

    public long peerTunnelId() {
        return request.tunnelIdOrDefault();
    }

    /** What both ends will use: present exactly when the client sent features, as the TUNNEL reply must have it. */
    public OptionalLong features() {
        return request.features().isPresent()
                ? OptionalLong.of(request.features().getAsLong() & ControlMessage.FEATURE_UNIQUE_SESSION_IDS)
                : OptionalLong.empty();
    }

    /** Our session id: the tunnel id where both ends know unique ids, else 1. */
    public long sessionId() {
        return uniqueSessionIds() ? tunnelId : 1;
    }

    /** The session id that the client receives on. */
    public long peerSessionId() {
        return uniqueSessionIds() ? peerTunnelId() : 1;
    }

    /** The interface's name; at most 15 characters, since tunnel ids end at 99999. */
    public String interfaceName() {
        return "l2tp" + tunnelId + "-" + sessionId();
    }

    /** The tunnel MTU at the start: the fixed one, or the largest that may come out. */
    public int startMtu() {
        return fixedPmtu > 0 ? pmtu.clamp(fixedPmtu) : pmtu.maxTunnelMtu();
    }

    private boolean uniqueSessionIds() {
        return (features().orElse(0) & ControlMessage.FEATURE_UNIQUE_SESSION_IDS) != 0;
    }
}
