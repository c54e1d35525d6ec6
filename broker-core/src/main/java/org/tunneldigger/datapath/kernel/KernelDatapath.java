// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.datapath.kernel;

import org.tunneldigger.datapath.Datapath;
import org.tunneldigger.datapath.DatapathKind;
import org.tunneldigger.datapath.DropCounters;
import org.tunneldigger.datapath.Leftovers;
import org.tunneldigger.datapath.LinkTunnel;
import org.tunneldigger.datapath.TunnelInterface;
import org.tunneldigger.datapath.TunnelSpec;
import org.tunneldigger.nativeio.NativeException;
import org.tunneldigger.nativeio.UdpSocket;
import org.tunneldigger.netlink.L2tpNetlink;
import org.tunneldigger.netlink.Rtnetlink;

/** Tunnels in the kernel's L2TPv3, in the network namespace of the thread that opened this. */
public final class KernelDatapath implements Datapath {
    private final Rtnetlink rtnetlink;
    private final L2tpNetlink l2tp;
    private final DropCounters drops = new DropCounters();

    private KernelDatapath(Rtnetlink rtnetlink, L2tpNetlink l2tp) {
        this.rtnetlink = rtnetlink;
        this.l2tp = l2tp;
    }

    /** @throws NativeException ENOENT if the kernel has no L2TP */
    public static KernelDatapath open() throws NativeException {
        Rtnetlink rtnetlink = Rtnetlink.open();
        try {
            return new KernelDatapath(rtnetlink, L2tpNetlink.open());
        } catch (NativeException e) {
            rtnetlink.close();
            throw e;
        }
    }

    @Override
    public DatapathKind kind() {
        return DatapathKind.KERNEL;
    }

    @Override
    public TunnelInterface open(TunnelSpec spec, UdpSocket connectedSocket) throws NativeException {
        l2tp.tunnelCreate(spec.tunnelId(), spec.peerTunnelId(), connectedSocket.fd());
        try {
            l2tp.sessionCreate(spec.tunnelId(), spec.sessionId(), spec.peerSessionId(), spec.interfaceName());
            return new KernelTunnel(this, spec, LinkTunnel.prepare(spec, rtnetlink));
        } catch (NativeException e) {
            remove(spec.tunnelId());
            throw e;
        }
    }

    @Override
    public void removeLeftovers(int firstId, int count) throws NativeException {
        new Leftovers(rtnetlink, firstId, count).remove(l2tp);
    }

    @Override
    public DropCounters drops() {
        return drops;
    }

    @Override
    public void close() {
        l2tp.close();
        rtnetlink.close();
    }

    Rtnetlink rtnetlink() {
        return rtnetlink;
    }

    /**
     * Deletes the tunnel if it exists; its session and interface go with it a moment later. To delete the session first would be done
     * when it returns, but takes two of the kernel's grace periods, some 40 ms of the caller's time; what is deleted in the background
     * shares them with others.
     */
    void remove(int tunnelId) {
        try {
            l2tp.tunnelDelete(tunnelId);
        } catch (NativeException e) {
            // somebody else deleted it; closing the socket ends it in any case
        }
    }
}
