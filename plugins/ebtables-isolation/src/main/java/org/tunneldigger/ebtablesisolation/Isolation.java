// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.ebtablesisolation;

import java.io.IOException;

/** One way to keep tunnels apart. Usable from every thread. */
sealed interface Isolation permits PortIsolation, NftablesIsolation, EbtablesRules {
    /**
     * Tries whether it works on this machine; leaves nothing behind.
     *
     * @throws IOException with the reason if it doesn't
     */
    void probe() throws IOException, InterruptedException;

    /** Begins from nothing: what an earlier run left is removed. */
    void start() throws IOException, InterruptedException;

    /**
     * A tunnel came up, or may have moved to another bridge.
     *
     * @return whether it is isolated; false if it is in no bridge, and needs to be in one for that
     */
    boolean isolate(String port) throws IOException, InterruptedException;

    /** A tunnel's interface is gone. */
    void release(String port) throws IOException, InterruptedException;

    /** Takes every rule away. */
    void stop() throws IOException, InterruptedException;
}
