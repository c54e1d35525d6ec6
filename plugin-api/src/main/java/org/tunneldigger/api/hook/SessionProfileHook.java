// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.api.hook;

import org.tunneldigger.api.event.SessionProfile;
import org.tunneldigger.api.event.SessionRequest;

/**
 * session.profile: how is this client's session to be? Asked once it is authorized, before anything exists in the kernel; the
 * answer stands in {@link org.tunneldigger.api.event.SessionInfo#profile} for the session's life.
 *
 * <p>Thread: a worker, see {@link Hook}. Order: after session.authorize, before session.up; plugins in configured order. Where
 * several say something about the same, the first holds. Deadline: that of {@link Hook}; a client asks again after 2 s, so
 * answer much sooner.
 *
 * <p>Failure: what is thrown, and a missed deadline, is counted and logged; the session is opened without this plugin's word.
 */
public interface SessionProfileHook extends Hook {
    /** @return {@link SessionProfile#none} for a client that is like all others */
    SessionProfile profile(SessionRequest request) throws Exception;
}
