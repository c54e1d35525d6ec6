// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.datapath;

import java.io.IOException;

/** Finds out which datapath works here. */
public final class Datapaths {
    private Datapaths() {}

    /**
     * Opens the datapath asked for, after it was seen to work: a throwaway tunnel is created and deleted.
     *
     * @throws IOException if it does not work, with what would mend it
     */
    public static ChosenDatapath choose(DatapathChoice choice) throws IOException {
        throw new IOException("no datapath yet for " + choice);
    }
}
