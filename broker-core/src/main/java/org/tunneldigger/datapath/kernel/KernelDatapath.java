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
    private final Sockets sockets;

    /** Of the thread that opens tunnels. */
    private final Sockets openers;

    private final DropCounters drops = new DropCounters();

    private KernelDatapath(Sockets sockets, Sockets openers) {
        this.sockets = sockets;
        this.openers = openers;
    }

    /** One thread's netlink sockets. */
    private record Sockets(Rtnetlink rtnetlink, L2tpNetlink l2tp) {
        static Sockets open() throws NativeException {
            Rtnetlink rtnetlink = Rtnetlink.open();
            try {
                return new Sockets(rtnetlink, L2tpNetlink.open());
            } catch (NativeException e) {
                rtnetlink.close();
                throw e;
            }
        }

        /** Deletes the tunnel if it exists. */
        void remove(int tunnelId) {
            try {
                l2tp.tunnelDelete(tunnelId);
            } catch (NativeException e) {
                // somebody else deleted it; closing the socket ends it in any case
            }
        }

        void close() {
            l2tp.close();
            rtnetlink.close();
        }
    }

    /** @throws NativeException ENOENT if the kernel has no L2TP */
    public static KernelDatapath open() throws NativeException {
        Sockets sockets = Sockets.open();
        try {
            return new KernelDatapath(sockets, Sockets.open());
        } catch (NativeException e) {
            sockets.close();
            throw e;
        }
    }

    @Override
    public DatapathKind kind() {
        return DatapathKind.KERNEL;
    }

    @Override
    public TunnelInterface open(TunnelSpec spec, UdpSocket connectedSocket) throws NativeException {
        L2tpNetlink l2tp = openers.l2tp();
        l2tp.tunnelCreate(spec.tunnelId(), spec.peerTunnelId(), connectedSocket.fd());
        try {
            l2tp.sessionCreate(spec.tunnelId(), spec.sessionId(), spec.peerSessionId(), spec.interfaceName());
            return new KernelTunnel(this, spec, LinkTunnel.prepare(spec, openers.rtnetlink()));
        } catch (NativeException e) {
            openers.remove(spec.tunnelId());
            throw e;
        }
    }

    @Override
    public void removeLeftovers(int firstId, int count) throws NativeException {
        new Leftovers(sockets.rtnetlink(), firstId, count).remove(sockets.l2tp());
    }

    @Override
    public DropCounters drops() {
        return drops;
    }

    @Override
    public void close() {
        openers.close();
        sockets.close();
    }

    Rtnetlink rtnetlink() {
        return sockets.rtnetlink();
    }

    /**
     * Deletes the tunnel if it exists; its session and interface go with it a moment later. To delete the session first would be done
     * when it returns, but takes two of the kernel's grace periods, some 40 ms of the caller's time; what is deleted in the background
     * shares them with others.
     */
    void remove(int tunnelId) {
        sockets.remove(tunnelId);
    }
}
