// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.ebtablesisolation;

import java.util.Locale;

/** What keeps the tunnels apart. */
enum IsolationMode {
    /** The bridges' own isolation of ports. */
    PORT,
    /** A rule of nftables that looks both interfaces up in a set. */
    NFTABLES,
    /** A rule for each bridge, set by the program {@code ebtables}. */
    EBTABLES;

    /** As it stands in the configuration. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
