// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.api.event;

import java.time.Instant;

/**
 * A session's MTU changed; the interface has the new one already.
 *
 * @param session the session
 * @param oldMtu the MTU of the last event of this session that hooks were called for, in bytes
 * @param newMtu the MTU now, in bytes, different from {@code oldMtu}
 * @param at when it happened; the call may come later
 */
public record SessionMtuChanged(SessionInfo session, int oldMtu, int newMtu, Instant at) {}
