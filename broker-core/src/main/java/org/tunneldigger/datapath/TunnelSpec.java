// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.datapath;

/**
 * What is needed to open a tunnel's interface.
 *
 * @param tunnelId this end's tunnel id, above 0
 * @param peerTunnelId the peer's tunnel id, unsigned 32 bits
 * @param sessionId this end's session id, unsigned 32 bits: what the peer's data packets carry
 * @param peerSessionId the peer's session id, unsigned 32 bits: what our data packets carry
 * @param interfaceName at most 15 bytes
 * @param mtu of the interface, bytes
 */
public record TunnelSpec(
        int tunnelId, long peerTunnelId, long sessionId, long peerSessionId, String interfaceName, int mtu) {}
