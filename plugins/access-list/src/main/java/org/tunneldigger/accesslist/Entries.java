// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.accesslist;

import java.net.InetAddress;
import java.util.Optional;
import java.util.Set;
import org.tunneldigger.api.net.PrefixSet;

/** What one list says. Immutable. */
record Entries(Set<String> uuids, PrefixSet prefixes) {
    Entries {
        uuids = Set.copyOf(uuids);
    }

    int size() {
        return uuids.size() + prefixes.size();
    }

    /**
     * Why a client is on the list, in a few words; empty if it is not. A single address is not named, as whether addresses may
     * stand in the log is configured elsewhere.
     */
    Optional<String> find(String uuid, InetAddress address) {
        if (uuids.contains(uuid)) {
            return Optional.of("its uuid");
        }
        return prefixes.find(address).map(prefix -> prefix.isSingle() ? "its address" : prefix.toString());
    }
}
