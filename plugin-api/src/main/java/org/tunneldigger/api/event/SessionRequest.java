// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.api.event;

import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.Set;

/**
 * A client asks for a tunnel. It has shown that it receives what is sent to its address; nothing exists for it yet, in the
 * broker or in the kernel.
 *
 * @param uuid the client's name for itself, as in {@link SessionInfo#uuid}: nobody has checked it
 * @param remote the client's UDP endpoint
 * @param local the broker's UDP endpoint that was asked
 * @param features what the client says it can do
 * @param datapath what would carry the frames
 * @param at when the request arrived
 */
public record SessionRequest(
        String uuid,
        InetSocketAddress remote,
        InetSocketAddress local,
        Set<ClientFeature> features,
        Datapath datapath,
        Instant at) {
    public SessionRequest {
        features = Set.copyOf(features);
    }
}
