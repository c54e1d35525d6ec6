// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.datapath.tap;

import java.nio.ByteBuffer;
import org.tunneldigger.datapath.DropCounters;
import org.tunneldigger.datapath.DropReason;
import org.tunneldigger.datapath.TunnelInterface;
import org.tunneldigger.nativeio.Errno;
import org.tunneldigger.nativeio.InternetChecksum;
import org.tunneldigger.nativeio.OffHeap;
import org.tunneldigger.nativeio.TapDevice;
import org.tunneldigger.nativeio.UdpSocket;
import org.tunneldigger.nativeio.VirtioHeader;

/**
 * The way from TAP devices to their sockets: frames are read, cut where TCP left them uncut, given the tunnel's header, and sent in
 * {@link DatagramTrain}s. One for all tunnels of a datapath, as nothing stays here between two calls. One thread.
 */
final class FrameSender {
    private static final int BATCH = 64;

    /** Frames of 64 kB are a turn's work sooner. */
    private static final int BATCH_BYTES = 512 << 10;

    /** A TAP's MTU is 65521 at most; an Ethernet header with VLAN tags and the header of virtio come to it. */
    private static final int LONGEST_FRAME = (1 << 16) + 64;

    /** Many small frames, or few long ones. */
    private static final int FRAMES_BYTES = 4 * LONGEST_FRAME;

    private static final int HEADER_ROOM = DataHeader.SIZE + Headers.LONGEST;

    private final DropCounters drops;
    private final DatagramTrain train;
    private final TcpSegmenter segmenter = new TcpSegmenter();
    private final OffHeap memory = new OffHeap(FRAMES_BYTES + UdpSocket.LONGEST_TRAIN * HEADER_ROOM);
    private final ByteBuffer bytes = memory.network();

    /** Where the next frame goes, with the headers before it. */
    private int free;

    /** Where the next segment's headers go; from the beginning for each train. */
    private int freeHeader = FRAMES_BYTES;

    private int errors;

    FrameSender(DropCounters drops) {
        this.drops = drops;
        train = new DatagramTrain(drops);
    }

    /**
     * Carries what the tunnel's device has, one batch at most.
     *
     * @return as {@link TunnelInterface#onReadable} does
     */
    int carry(TapDevice device, TapTunnel tunnel) {
        errors = 0;
        free = 0;
        int result = -Errno.EAGAIN;
        int read = 0;
        for (int i = 0; i < BATCH && read < BATCH_BYTES; i++) {
            if (free + DataHeader.SIZE + LONGEST_FRAME > FRAMES_BYTES) {
                send(tunnel);
                free = 0;
            }
            // the tunnel's header takes the place of virtio's
            int virtio = free + DataHeader.SIZE - VirtioHeader.SIZE;
            result = device.read(memory, virtio, LONGEST_FRAME);
            if (result < VirtioHeader.SIZE) {
                break;
            }
            read += result;
            free = virtio + result;
            addFrame(tunnel, virtio, free);
        }
        send(tunnel);
        boolean gone = result < 0 && result != -Errno.EAGAIN && result != -Errno.EINTR;
        return gone ? TunnelInterface.GONE : errors;
    }

    private void addFrame(TapTunnel tunnel, int virtio, int end) {
        int frame = virtio + VirtioHeader.SIZE;
        if (VirtioHeader.segmentType(memory, virtio) == VirtioHeader.NOT_SEGMENTED) {
            if (!VirtioHeader.needsChecksum(memory, virtio) || putChecksum(virtio, frame, end)) {
                addWhole(tunnel, frame, end);
                return;
            }
        } else if (segmenter.take(memory, virtio, frame, end)) {
            addSegments(tunnel);
            return;
        }
        drops.count(DropReason.NOT_UNDERSTOOD);
    }

    private void addWhole(TapTunnel tunnel, int frame, int end) {
        int start = frame - DataHeader.SIZE;
        if (!train.takes(end - start)) {
            send(tunnel);
        }
        DataHeader.put(bytes, start, tunnel.peerSessionId());
        train.add(memory, start, end - start);
    }

    private void addSegments(TapTunnel tunnel) {
        int headerLength = DataHeader.SIZE + segmenter.headerLength();
        int count = segmenter.count();
        for (int i = 0; i < count; i++) {
            if (!train.takes(headerLength + segmenter.bodyLength(i))) {
                send(tunnel);
            }
            int header = freeHeader;
            freeHeader += HEADER_ROOM;
            DataHeader.put(bytes, header, tunnel.peerSessionId());
            segmenter.putHeader(i, header + DataHeader.SIZE);
            train.add(memory, header, headerLength, segmenter.bodyOffset(i), segmenter.bodyLength(i));
        }
    }

    /** Fills in a checksum that so far holds the sum of the pseudo header; false if it would be outside of the frame. */
    private boolean putChecksum(int virtio, int frame, int end) {
        int start = frame + VirtioHeader.checksumStart(memory, virtio);
        int field = start + VirtioHeader.checksumOffset(memory, virtio);
        if (field + Short.BYTES > end) {
            return false;
        }
        int checksum = ~InternetChecksum.sum(memory, start, end - start) & 0xFFFF;
        bytes.putShort(
                field, (short) (checksum == 0 ? 0xFFFF : checksum)); // 0 says "none" in UDP, and is the same number
        return true;
    }

    private void send(TapTunnel tunnel) {
        if (!train.isEmpty()) {
            errors += train.send(tunnel.socket(), tunnel.sendsTrains());
            if (train.refused()) {
                tunnel.sendTrainsNoMore();
            }
        }
        freeHeader = FRAMES_BYTES;
    }
}
