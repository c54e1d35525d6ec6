// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.datapath.kernel;

import org.tunneldigger.datapath.DropReason;
import org.tunneldigger.datapath.LinkTunnel;
import org.tunneldigger.datapath.TunnelSpec;
import org.tunneldigger.nativeio.OffHeap;

/** A kernel tunnel with its one session. */
final class KernelTunnel extends LinkTunnel {
    private final KernelDatapath datapath;
    private boolean closed;

    KernelTunnel(KernelDatapath datapath, TunnelSpec spec, int index) {
        super(spec, index, datapath.rtnetlink());
        this.datapath = datapath;
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
    public void deliver(OffHeap memory, int offset, int length) {
        datapath.drops().count(DropReason.NOT_OURS_TO_CARRY);
    }

    @Override
    public void flush() {
        // nothing is held back
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            datapath.remove(spec().tunnelId());
        }
    }
}
