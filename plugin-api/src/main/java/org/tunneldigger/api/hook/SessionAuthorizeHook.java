// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.api.hook;

import org.tunneldigger.api.event.AccessDecision;
import org.tunneldigger.api.event.SessionRequest;

/**
 * session.authorize: may this client have a tunnel? Asked for each request that found room and kept the rate limits, before
 * anything exists in the kernel.
 *
 * <p>Thread: a worker, see {@link Hook}. Order: before every other event of the session to be; plugins in configured order,
 * the first that denies ends it. Requests of different clients are asked about at the same time. Deadline: that of
 * {@link Hook}; a client asks again after 2 s, so answer much sooner.
 *
 * <p>Failure: what is thrown, and a missed deadline, is counted and logged; whether the client is let in then is
 * configured: {@code authorize_failure} in {@code [plugins]}, {@code deny} unless it says {@code allow}.
 */
public interface SessionAuthorizeHook extends Hook {
    AccessDecision authorize(SessionRequest request) throws Exception;
}
