// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.api.hook;

import org.tunneldigger.api.event.ConnectionRateLimited;

/**
 * broker.connection-rate-limit: an address asks for tunnels faster than it may.
 *
 * <p>Thread: a worker, see {@link Hook}. Order: none, neither with sessions nor with other refusals; several calls may run
 * at the same time; plugins one after the other in configured order. Deadline: that of {@link Hook}. An
 * address is told of at most once a second, and under a flood the oldest waiting events are dropped; both are counted. Failure: counted and logged.
 */
public interface ConnectionRateLimitHook extends Hook {
    void onConnectionRateLimited(ConnectionRateLimited event) throws Exception;
}
