// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.api.event;

/** What a client says it can do, in its request for a tunnel (docs/protocol.md, "Features"). Later versions may add constants. */
public enum ClientFeature {
    /** The session ids of the two ends are those that they say, not 1 (bit 0). */
    UNIQUE_SESSION_ID
}
