// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.api.hook;

import org.tunneldigger.api.event.SessionMtuChanged;

/**
 * session.mtu-changed: the path to the client carries more or less than before.
 *
 * <p>Thread: a worker, see {@link Hook}. Order: after session.up, before session.pre-down; plugins in configured order.
 * Changes that wait while an earlier hook runs merge into one, from the last MTU that was told to the newest; if both are
 * equal nothing is told. Deadline: that of {@link Hook}. Failure: counted and logged; the interface keeps the new MTU.
 */
public interface SessionMtuChangedHook extends Hook {
    void onMtuChanged(SessionMtuChanged event) throws Exception;
}
