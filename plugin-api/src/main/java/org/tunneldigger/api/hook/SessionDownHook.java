// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.api.hook;

import org.tunneldigger.api.event.SessionDown;

/**
 * session.down: a tunnel is gone, and its interface with it.
 *
 * <p>Thread: a worker, see {@link Hook}. Order: the session's last event, after session.pre-down; plugins in reverse of
 * the configured order. The session's tunnel id and interface name are not used again before it is handled. Deadline:
 * that of {@link Hook}, less when the broker stops. Failure: counted and logged.
 */
public interface SessionDownHook extends Hook {
    void onSessionDown(SessionDown event) throws Exception;
}
