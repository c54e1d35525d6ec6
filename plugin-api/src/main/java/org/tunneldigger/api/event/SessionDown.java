// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.api.event;

import java.time.Instant;

/**
 * A session has ended; its interface is gone.
 *
 * @param session the session
 * @param mtu the tunnel's last MTU in bytes
 * @param reason why it ended
 * @param at when it happened; the call may come later
 */
public record SessionDown(SessionInfo session, int mtu, EndReason reason, Instant at) {}
