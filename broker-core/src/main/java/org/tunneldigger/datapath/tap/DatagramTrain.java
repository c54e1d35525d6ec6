// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.datapath.tap;

import org.tunneldigger.datapath.DropCounters;
import org.tunneldigger.datapath.DropReason;
import org.tunneldigger.nativeio.Errno;
import org.tunneldigger.nativeio.IoVector;
import org.tunneldigger.nativeio.OffHeap;
import org.tunneldigger.nativeio.UdpSocket;

/**
 * Datagrams for one peer, collected as long as one call can send them: equally long, but for the last ({@link UdpSocket#sendTrain}).
 * One thread.
 */
final class DatagramTrain {
    private static final int MOST_PIECES = 2 * UdpSocket.LONGEST_TRAIN;

    private final DropCounters drops;
    private final IoVector pieces = new IoVector(MOST_PIECES);

    /** For each datagram the piece after its last. */
    private final int[] ends = new int[UdpSocket.LONGEST_TRAIN];

    private int count;
    private int datagramLength;
    private boolean complete;
    private boolean refused;

    DatagramTrain(DropCounters drops) {
        this.drops = drops;
    }

    boolean isEmpty() {
        return count == 0;
    }

    /** Whether {@link #add} has room for a datagram of this length. */
    boolean takes(int length) {
        return count == 0
                || !complete
                        && count < UdpSocket.LONGEST_TRAIN
                        && length <= datagramLength
                        && pieces.bytes() + length <= UdpSocket.TRAIN_BYTES;
    }

    void add(OffHeap memory, int offset, int length) {
        pieces.add(memory, offset, length);
        added(length);
    }

    /** Adds a datagram of two pieces. */
    void add(OffHeap memory, int headOffset, int headLength, int bodyOffset, int bodyLength) {
        pieces.add(memory, headOffset, headLength);
        pieces.add(memory, bodyOffset, bodyLength);
        added(headLength + bodyLength);
    }

    private void added(int length) {
        if (count == 0) {
            datagramLength = length;
        }
        complete = length < datagramLength;
        ends[count++] = pieces.count();
    }

    /**
     * Sends what was collected, and is empty then.
     *
     * @param together whether one call is tried for all; where the kernel or the device cannot, each is sent alone
     * @return the number of errors that speak of the peer, not of a full queue or a long datagram
     */
    int send(UdpSocket socket, boolean together) {
        int errors = 0;
        refused = false;
        int sent = together && count > 1 ? socket.sendTrain(pieces, datagramLength) : -Errno.EOPNOTSUPP;
        if (sent < 0 && mayPassAlone(-sent)) {
            errors = sendAlone(socket);
            refused = together && count > 1 && errors == 0;
        } else if (sent < 0) {
            errors = counted(-sent, count);
        }
        clear();
        return errors;
    }

    /** Whether the last {@link #send} had to send each datagram alone and could: it is not worth a try again. */
    boolean refused() {
        return refused;
    }

    private int sendAlone(UdpSocket socket) {
        int errors = 0;
        for (int i = 0; i < count; i++) {
            int sent = socket.send(pieces, i == 0 ? 0 : ends[i - 1], ends[i]);
            errors += sent < 0 ? counted(-sent, 1) : 0;
        }
        return errors;
    }

    /** Counts datagrams that were not sent; returns the number of errors of the peer's. */
    private int counted(int errno, int datagrams) {
        DropReason reason = switch (errno) {
            case Errno.EAGAIN, Errno.ENOBUFS -> DropReason.SOCKET_FULL;
            case Errno.EMSGSIZE -> DropReason.TOO_LONG;
            default -> DropReason.SOCKET_ERROR;
        };
        for (int i = 0; i < datagrams; i++) {
            drops.count(reason);
        }
        return reason == DropReason.SOCKET_ERROR ? 1 : 0;
    }

    /** Errors of a train as such: no checksums by the device (EIO), no such option, or a datagram longer than the way's MTU (EINVAL). */
    private static boolean mayPassAlone(int errno) {
        return errno == Errno.EINVAL
                || errno == Errno.EIO
                || errno == Errno.EMSGSIZE
                || errno == Errno.EOPNOTSUPP
                || errno == Errno.ENOPROTOOPT;
    }

    private void clear() {
        pieces.clear();
        count = 0;
        complete = false;
    }
}
