// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.api.hook;

import org.tunneldigger.api.event.SessionPreDown;

/**
 * session.pre-down: a tunnel is about to go, its interface still exists.
 *
 * <p>Thread: a worker, see {@link Hook}. Order: after every session.up and session.mtu-changed call of the session;
 * plugins in reverse of the configured order. Called also if session.up failed. The broker waits for it before it removes
 * the interface. Deadline: that of {@link Hook}, less when the broker stops. Failure: counted and logged; the interface
 * is removed all the same.
 */
public interface SessionPreDownHook extends Hook {
    void onSessionPreDown(SessionPreDown event) throws Exception;
}
