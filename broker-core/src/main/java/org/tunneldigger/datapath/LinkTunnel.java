// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.datapath;

import org.tunneldigger.nativeio.Errno;
import org.tunneldigger.nativeio.NativeException;
import org.tunneldigger.netlink.NetlinkException;
import org.tunneldigger.netlink.Rtnetlink;

/** What all tunnel interfaces are to rtnetlink, whatever carries their frames. */
public abstract class LinkTunnel implements TunnelInterface {
    private final TunnelSpec spec;
    private final int index;
    private final Rtnetlink rtnetlink;

    /** @param rtnetlink the datapath's; not closed here */
    protected LinkTunnel(TunnelSpec spec, int index, Rtnetlink rtnetlink) {
        this.spec = spec;
        this.index = index;
        this.rtnetlink = rtnetlink;
    }

    /**
     * Finds a new interface and gives it its MTU, in the namespace of the socket, whatever that of the thread is.
     *
     * @return the interface's index
     */
    public static int prepare(TunnelSpec spec, Rtnetlink rtnetlink) throws NativeException {
        int index = rtnetlink.links().indexOf(spec.interfaceName());
        if (index == 0) {
            throw new NetlinkException("find interface " + spec.interfaceName(), Errno.ENODEV, "");
        }
        rtnetlink.links().setMtu(spec.interfaceName(), spec.mtu());
        return index;
    }

    protected final TunnelSpec spec() {
        return spec;
    }

    @Override
    public final String name() {
        return spec.interfaceName();
    }

    @Override
    public final int index() {
        return index;
    }

    @Override
    public final void setMtu(int mtu) throws NativeException {
        rtnetlink.links().setMtu(index, mtu);
    }

    @Override
    public final void limitBandwidth(long kbitPerSecond) throws NativeException {
        rtnetlink.trafficControl().limitBandwidth(index, kbitPerSecond);
    }

    @Override
    public final void limitUpstream(long bytesPerSecond) throws NativeException {
        rtnetlink.ingressLimits().set(index, bytesPerSecond);
    }
}
