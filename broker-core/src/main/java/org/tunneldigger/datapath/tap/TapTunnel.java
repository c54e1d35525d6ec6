// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.datapath.tap;

import java.nio.ByteBuffer;
import org.tunneldigger.datapath.DropCounters;
import org.tunneldigger.datapath.DropReason;
import org.tunneldigger.datapath.LinkTunnel;
import org.tunneldigger.datapath.TunnelSpec;
import org.tunneldigger.nativeio.Errno;
import org.tunneldigger.nativeio.TapDevice;
import org.tunneldigger.nativeio.UdpSocket;

/**
 * A TAP device and the socket that its frames go through. A packet is: 0003 0000 (L2TPv3 data, RFC 3931 §4.1.2.1), the receiver's
 * session id, four zero bytes (the default sublayer), the Ethernet frame.
 */
final class TapTunnel extends LinkTunnel {
    private static final int DATA_MESSAGE = 0x0003;

    /** Like the kernel: the T bit and the version count, what is reserved between them does not. */
    private static final int TYPE_AND_VERSION = 0x800F;

    private static final int SESSION_ID = 4;
    private static final int SUBLAYER = 8;
    private static final int HEADER_SIZE = 12;
    private static final int ETHERNET_HEADER_SIZE = 14;
    private static final int BATCH = 64;

    private final TapDatapath datapath;
    private final TapDevice device;
    private final UdpSocket socket;
    private final int sessionId;
    private final int peerSessionId;
    private boolean closed;

    TapTunnel(TapDatapath datapath, TunnelSpec spec, int index, TapDevice device, UdpSocket socket) {
        super(spec, index, datapath.rtnetlink());
        this.datapath = datapath;
        this.device = device;
        this.socket = socket;
        sessionId = (int) spec.sessionId();
        peerSessionId = (int) spec.peerSessionId();
    }

    @Override
    public int readableFd() {
        return closed ? -1 : device.fd();
    }

    @Override
    public int onReadable() {
        if (closed) {
            return 0;
        }
        ByteBuffer packet = datapath.outgoing();
        packet.clear();
        packet.putInt(0, DATA_MESSAGE << 16).putInt(SESSION_ID, peerSessionId).putInt(SUBLAYER, 0);
        int socketErrors = 0;
        for (int i = 0; i < BATCH; i++) {
            int length = device.read(packet, HEADER_SIZE);
            if (length < 0) {
                return length == -Errno.EAGAIN || length == -Errno.EINTR ? socketErrors : GONE;
            }
            int sent = socket.send(packet.limit(HEADER_SIZE + length));
            if (sent < 0) {
                DropReason reason = reasonToSend(-sent);
                datapath.drops().count(reason);
                socketErrors += reason == DropReason.SOCKET_ERROR ? 1 : 0;
            }
        }
        return socketErrors;
    }

    @Override
    public void deliver(ByteBuffer packet, int length) {
        DropCounters drops = datapath.drops();
        if (closed) {
            drops.count(DropReason.INTERFACE_DOWN);
        } else if (length < HEADER_SIZE + ETHERNET_HEADER_SIZE) {
            drops.count(DropReason.TOO_SHORT);
        } else if ((packet.getShort(0) & TYPE_AND_VERSION) != DATA_MESSAGE) {
            drops.count(DropReason.NOT_DATA);
        } else if (packet.getInt(SESSION_ID) != sessionId) {
            drops.count(DropReason.OTHER_SESSION);
        } else {
            int written = device.write(packet, HEADER_SIZE, length - HEADER_SIZE);
            if (written < 0) {
                drops.count(written == -Errno.EIO ? DropReason.INTERFACE_DOWN : DropReason.INTERFACE_REFUSED);
            }
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            datapath.remover().remove(device, index());
        }
    }

    private static DropReason reasonToSend(int errno) {
        return switch (errno) {
            case Errno.EAGAIN, Errno.ENOBUFS -> DropReason.SOCKET_FULL;
            case Errno.EMSGSIZE -> DropReason.TOO_LONG;
            default -> DropReason.SOCKET_ERROR;
        };
    }
}
