// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.api.net;

/** Which packets an nftables table sees. */
public enum FilterFamily {
    /** IPv4 and IPv6 that this machine receives, sends or routes. */
    INET,
    /** IPv4 alone. */
    IP,
    /** IPv6 alone. */
    IP6,
    /** Ethernet frames that a bridge handles. */
    BRIDGE
}
