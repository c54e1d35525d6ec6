// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.api.event;

/**
 * A session stands: its interface exists, is down and belongs to no bridge.
 *
 * @param session the session
 * @param mtu the tunnel's MTU in bytes, set on the interface
 */
public record SessionUp(SessionInfo session, int mtu) {}
