// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.api.event;

/**
 * A session has ended; its interface is gone.
 *
 * @param session the session
 * @param mtu the tunnel's last MTU in bytes
 * @param reason why it ended
 */
public record SessionDown(SessionInfo session, int mtu, EndReason reason) {}
