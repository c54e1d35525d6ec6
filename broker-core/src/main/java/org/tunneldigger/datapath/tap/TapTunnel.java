// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.datapath.tap;

import org.tunneldigger.datapath.DropCounters;
import org.tunneldigger.datapath.DropReason;
import org.tunneldigger.datapath.LinkTunnel;
import org.tunneldigger.datapath.TunnelSpec;
import org.tunneldigger.nativeio.Errno;
import org.tunneldigger.nativeio.IoVector;
import org.tunneldigger.nativeio.OffHeap;
import org.tunneldigger.nativeio.TapDevice;
import org.tunneldigger.nativeio.UdpSocket;

/** A TAP device and the socket that its frames go through, each in a packet behind a {@link DataHeader}. */
final class TapTunnel extends LinkTunnel {
    private final TapDatapath datapath;
    private final TapDevice device;
    private final UdpSocket socket;
    private final int sessionId;
    private final int peerSessionId;
    private boolean sendsTrains = true;
    private boolean closed;

    TapTunnel(TapDatapath datapath, TunnelSpec spec, int index, TapDevice device, UdpSocket socket) {
        super(spec, index, datapath.rtnetlink());
        this.datapath = datapath;
        this.device = device;
        this.socket = socket;
        sessionId = (int) spec.sessionId();
        peerSessionId = (int) spec.peerSessionId();
    }

    UdpSocket socket() {
        return socket;
    }

    int peerSessionId() {
        return peerSessionId;
    }

    /** Whether the kernel and the way to the peer take many datagrams by one call, as far as is known. */
    boolean sendsTrains() {
        return sendsTrains;
    }

    void sendTrainsNoMore() {
        sendsTrains = false;
    }

    @Override
    public int readableFd() {
        return closed ? -1 : device.fd();
    }

    @Override
    public int onReadable() {
        return closed ? 0 : datapath.sender().carry(device, this);
    }

    @Override
    public void deliver(OffHeap memory, int offset, int length) {
        DropCounters drops = datapath.drops();
        if (closed) {
            drops.count(DropReason.INTERFACE_DOWN);
        } else if (length < DataHeader.SIZE + Headers.ETHERNET_LENGTH) {
            drops.count(DropReason.TOO_SHORT);
        } else if (!DataHeader.isData(memory.network(), offset)) {
            drops.count(DropReason.NOT_DATA);
        } else if (DataHeader.sessionId(memory.network(), offset) != sessionId) {
            drops.count(DropReason.OTHER_SESSION);
        } else {
            datapath.joiner().add(memory, offset + DataHeader.SIZE, length - DataHeader.SIZE, this::write);
        }
    }

    @Override
    public void flush() {
        if (!closed) {
            datapath.joiner().flush(this::write);
        }
    }

    private void write(IoVector frame) {
        int written = device.write(frame);
        if (written < 0) {
            DropReason reason = written == -Errno.EIO ? DropReason.INTERFACE_DOWN : DropReason.INTERFACE_REFUSED;
            datapath.drops().count(reason);
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            datapath.joiner().clear();
            datapath.remover().remove(device, index());
        }
    }
}
