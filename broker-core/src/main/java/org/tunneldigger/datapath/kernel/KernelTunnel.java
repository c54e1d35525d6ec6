// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.datapath.kernel;

import java.nio.ByteBuffer;
import org.tunneldigger.datapath.DropReason;
import org.tunneldigger.datapath.TunnelInterface;
import org.tunneldigger.datapath.TunnelSpec;
import org.tunneldigger.nativeio.NativeException;

/** A kernel tunnel with its one session. */
final class KernelTunnel implements TunnelInterface {
    private final KernelDatapath datapath;
    private final TunnelSpec spec;
    private final int index;
    private boolean closed;

    KernelTunnel(KernelDatapath datapath, TunnelSpec spec, int index) {
        this.datapath = datapath;
        this.spec = spec;
        this.index = index;
    }

    @Override
    public String name() {
        return spec.interfaceName();
    }

    @Override
    public int index() {
        return index;
    }

    @Override
    public void setMtu(int mtu) throws NativeException {
        datapath.rtnetlink().links().setMtu(index, mtu);
    }

    @Override
    public void limitBandwidth(long kbitPerSecond) throws NativeException {
        datapath.rtnetlink().trafficControl().limitBandwidth(index, kbitPerSecond);
    }

    @Override
    public void limitUpstream(long bytesPerSecond) throws NativeException {
        datapath.rtnetlink().ingressLimits().set(index, bytesPerSecond);
    }

    @Override
    public int readableFd() {
        return -1;
    }

    @Override
    public int onReadable() {
        return 0;
    }

    /** The kernel passes on what it does not know: data of another session, or of a tunnel that just went. */
    @Override
    public void deliver(ByteBuffer packet, int length) {
        datapath.drops().count(DropReason.NOT_OURS_TO_CARRY);
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            datapath.remove(spec.tunnelId(), spec.sessionId());
        }
    }
}
