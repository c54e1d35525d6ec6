// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.broker;

import org.jspecify.annotations.Nullable;
import org.tunneldigger.protocol.Endpoint;

/**
 * The two ends of a conversation. A session belongs to a flow, not to a remote endpoint alone: one client socket may ask
 * on two of the broker's ports.
 *
 * @param local the address and port that were asked; never a wildcard
 */
record Flow(Endpoint remote, Endpoint local) {
    // written out as Endpoint's, and for the same reason
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Flow that && remote.equals(that.remote) && local.equals(that.local);
    }

    @Override
    public int hashCode() {
        return 31 * remote.hashCode() + local.hashCode();
    }
}
