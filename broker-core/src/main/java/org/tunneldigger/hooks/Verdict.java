// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.hooks;

import org.tunneldigger.api.event.SessionProfile;

/** What the plugins decided about a client's request. */
public sealed interface Verdict {
    /** @param profile how the session is to be */
    record Allowed(SessionProfile profile) implements Verdict {}

    /**
     * @param plugin id of the one that denied
     * @param reason its words, in one line
     */
    record Denied(String plugin, String reason) implements Verdict {}
}
