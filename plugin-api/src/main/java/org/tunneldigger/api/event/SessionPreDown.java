// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.api.event;

import java.time.Instant;

/**
 * A session is about to end; its interface still exists.
 *
 * @param session the session
 * @param mtu the tunnel's last MTU in bytes
 * @param reason why it ends
 * @param at when it happened; the call may come later
 */
public record SessionPreDown(SessionInfo session, int mtu, EndReason reason, Instant at) {}
