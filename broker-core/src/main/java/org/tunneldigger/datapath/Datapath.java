// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.datapath;

import org.tunneldigger.nativeio.NativeException;
import org.tunneldigger.nativeio.UdpSocket;

/** Opens tunnel interfaces of one kind. One thread at a time calls {@link #open}; all else is one other thread's, or the same one's. */
public interface Datapath extends AutoCloseable {
    DatapathKind kind();

    /**
     * Creates the tunnel's interface: down, with the MTU set, in no bridge. Whatever was created is undone on every failure.
     *
     * @param connectedSocket bound and connected to the peer; it stays the caller's, who closes it after
     *     {@link TunnelInterface#close}, and after a failure of this method too: the kernel may hold on to it for a while (EBUSY)
     * @throws NativeException with errno EEXIST if the id or the name is taken (an id stays taken for some 80 ms after its tunnel
     *     was deleted), else as the kernel says
     */
    TunnelInterface open(TunnelSpec spec, UdpSocket connectedSocket) throws NativeException;

    /**
     * Removes the tunnels and the interfaces that an earlier broker, killed perhaps, left in a range of tunnel ids. Interfaces
     * that are not tunnels of either kind stay, whatever their name.
     */
    void removeLeftovers(int firstId, int count) throws NativeException;

    /** What was not carried, since the start, over all tunnels. */
    DropCounters drops();

    /**
     * Closes the datapath's own sockets, once the tunnels that were closed are gone; open ones are closed before, by their owners.
     * Idempotent.
     */
    @Override
    void close();
}
