// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.ipsetban;

import java.io.IOException;
import java.net.InetAddress;
import org.tunneldigger.api.net.IpFamily;
import org.tunneldigger.api.net.NetworkException;

/** Where banned addresses are kept. Usable from every thread. */
sealed interface BanSet permits NftablesBanSet, IpsetBanSet {
    /** Makes what is missing. */
    void create() throws NetworkException;

    /** @throws IOException saying what is missing or of another form */
    void verify() throws IOException;

    /** Whether addresses of the family are held at all. */
    boolean holds(IpFamily family);

    /** Puts an address in, or lets its time begin anew. */
    void add(InetAddress address) throws NetworkException;
}
