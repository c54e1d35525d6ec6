// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.api.hook;

import org.tunneldigger.api.event.SessionUp;

/**
 * session.up: a tunnel stands.
 *
 * <p>Thread: a worker, see {@link Hook}. Order: the session's first event; plugins in configured order. Deadline: that of
 * {@link Hook}. The broker does not wait for it: the tunnel answers keepalives meanwhile, but no frame passes before some
 * hook sets the interface up. A plugin that is loaded into a running broker gets this for each session that is up, with
 * {@link SessionUp#announced} true. Failure: counted and logged; the session stays.
 */
public interface SessionUpHook extends Hook {
    void onSessionUp(SessionUp event) throws Exception;
}
