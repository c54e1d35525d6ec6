// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.bridgepermtu;

import org.tunneldigger.api.net.NetworkException;

/** Where the interfaces of sessions go. Usable from every thread. */
interface Place {
    /** Takes an interface in, from wherever it was, and takes it up. */
    void join(String port, int mtu) throws NetworkException;

    /** An interface is here no longer, or did not get in. */
    void leave(String port) throws NetworkException;
}
