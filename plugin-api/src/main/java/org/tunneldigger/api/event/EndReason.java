// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.api.event;

/** Why a session ends. Later versions may add constants: give a {@code switch} a default. */
public enum EndReason {
    /** The client said that it closes the tunnel. */
    CLIENT_CLOSED,
    /** Nothing was heard from the client for the time after which a peer counts as dead. */
    TIMEOUT,
    /** The socket or the datapath failed. */
    FAILURE,
    /** The broker stops. */
    SHUTDOWN
}
