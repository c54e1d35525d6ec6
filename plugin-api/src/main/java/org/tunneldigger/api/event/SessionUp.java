// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.api.event;

import java.time.Instant;

/**
 * A session stands: its interface exists; unless {@code announced}, it is down and belongs to no bridge.
 *
 * @param session the session
 * @param mtu the tunnel's MTU in bytes, set on the interface
 * @param at when it happened; the call may come later
 * @param announced whether the session was up already when this plugin was loaded into the running broker: other plugins have
 *     been told before, and their work on the interface is done
 */
public record SessionUp(SessionInfo session, int mtu, Instant at, boolean announced) {
    /** A session that has just come up. */
    public SessionUp(SessionInfo session, int mtu, Instant at) {
        this(session, mtu, at, false);
    }
}
