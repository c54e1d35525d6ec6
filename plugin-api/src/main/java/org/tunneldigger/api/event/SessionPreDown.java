// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.api.event;

/**
 * A session is about to end; its interface still exists.
 *
 * @param session the session
 * @param mtu the tunnel's last MTU in bytes
 * @param reason why it ends
 */
public record SessionPreDown(SessionInfo session, int mtu, EndReason reason) {}
