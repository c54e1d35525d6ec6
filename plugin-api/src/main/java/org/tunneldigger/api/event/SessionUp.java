// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.api.event;

import java.time.Instant;

/**
 * A session stands: its interface exists, is down and belongs to no bridge.
 *
 * @param session the session
 * @param mtu the tunnel's MTU in bytes, set on the interface
 * @param at when it happened; the call may come later
 */
public record SessionUp(SessionInfo session, int mtu, Instant at) {}
