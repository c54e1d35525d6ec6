// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.datapath.tap;

import java.util.ArrayList;
import java.util.List;
import org.tunneldigger.datapath.Datapath;
import org.tunneldigger.datapath.DatapathKind;
import org.tunneldigger.datapath.DropCounters;
import org.tunneldigger.datapath.Leftovers;
import org.tunneldigger.datapath.LinkTunnel;
import org.tunneldigger.datapath.TunnelInterface;
import org.tunneldigger.datapath.TunnelSpec;
import org.tunneldigger.nativeio.Errno;
import org.tunneldigger.nativeio.Interfaces;
import org.tunneldigger.nativeio.NativeException;
import org.tunneldigger.nativeio.TapDevice;
import org.tunneldigger.nativeio.UdpSocket;
import org.tunneldigger.netlink.Rtnetlink;

/** Tunnels carried by this process, their TAP devices in the network namespace of the thread that uses this. */
public final class TapDatapath implements Datapath {
    /** A tunnel's receive buffer: some trains of 64 kB as the kernel counts them, with all that it has around the bytes. */
    private static final int RECEIVE_BUFFER_BYTES = 4 << 20;

    private final Rtnetlink rtnetlink;

    /** Of the thread that opens tunnels. */
    private final Rtnetlink openers;

    private final DropCounters drops = new DropCounters();
    private final FrameSender sender = new FrameSender(drops);
    private final TcpJoiner joiner = new TcpJoiner();
    private final TapRemover remover;

    private TapDatapath(Rtnetlink rtnetlink, Rtnetlink openers, Rtnetlink removers) {
        this.rtnetlink = rtnetlink;
        this.openers = openers;
        this.remover = new TapRemover(removers);
    }

    public static TapDatapath open() throws NativeException {
        List<Rtnetlink> opened = new ArrayList<>();
        try {
            for (int i = 0; i < 3; i++) {
                opened.add(Rtnetlink.open());
            }
            return new TapDatapath(opened.get(0), opened.get(1), opened.get(2));
        } catch (NativeException e) {
            opened.forEach(Rtnetlink::close);
            throw e;
        }
    }

    @Override
    public DatapathKind kind() {
        return DatapathKind.TAP;
    }

    @Override
    public TunnelInterface open(TunnelSpec spec, UdpSocket connectedSocket) throws NativeException {
        TapDevice device = createDevice(spec.interfaceName());
        try {
            connectedSocket.receiveBuffer(RECEIVE_BUFFER_BYTES);
            boolean trains = connectedSocket.receiveTrains();
            return new TapTunnel(this, spec, LinkTunnel.prepare(spec, openers), device, connectedSocket, trains);
        } catch (NativeException | RuntimeException | Error e) {
            device.close();
            throw e;
        }
    }

    @Override
    public void removeLeftovers(int firstId, int count) throws NativeException {
        new Leftovers(rtnetlink, firstId, count).remove(null);
    }

    @Override
    public DropCounters drops() {
        return drops;
    }

    @Override
    public void close() {
        remover.close();
        openers.close();
        rtnetlink.close();
    }

    Rtnetlink rtnetlink() {
        return rtnetlink;
    }

    TapRemover remover() {
        return remover;
    }

    FrameSender sender() {
        return sender;
    }

    /** Holds frames of one tunnel only, from the first of what came together to {@link TunnelInterface#flush}. */
    TcpJoiner joiner() {
        return joiner;
    }

    private static TapDevice createDevice(String name) throws NativeException {
        try {
            return TapDevice.open(name);
        } catch (NativeException e) {
            // the driver says EBUSY or EINVAL for a name that is taken, depending on by what
            if (e.errno() != Errno.EEXIST && Interfaces.indexOf(name) != 0) {
                throw new NativeException(e.operation(), Errno.EEXIST);
            }
            throw e;
        }
    }
}
