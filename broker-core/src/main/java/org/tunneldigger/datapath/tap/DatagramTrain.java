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
    private int errors;

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
     * @return how often the peer refused a datagram (ECONNREFUSED). What else goes wrong, such as a way that is gone, is counted as
     *     dropped alone: nobody would hear of it if the kernel carried the tunnel
     */
    int send(UdpSocket socket, boolean together) {
        errors = 0;
        refused = false;
        if (!together || count == 1) {
            sendAlone(socket);
        } else if (!sendTogether(socket)) {
            refused = sendAlone(socket);
        }
        pieces.clear();
        count = 0;
        complete = false;
        return errors;
    }

    /** Returns false if it cannot be. An error may be an earlier packet's (ip(7), connected sockets), so one is no proof. */
    private boolean sendTogether(UdpSocket socket) {
        for (int i = 0; i < 2; i++) {
            int sent = socket.sendTrain(pieces, datagramLength);
            if (sent >= 0) {
                return true;
            }
            DropReason reason = reason(-sent);
            if (reason == DropReason.SOCKET_FULL) {
                for (int lost = 0; lost < count; lost++) {
                    drops.count(reason);
                }
                return true;
            }
            errors += i == 0 ? refusals(sent) : 0;
        }
        return false;
    }

    /** Returns whether all were sent. */
    private boolean sendAlone(UdpSocket socket) {
        int failed = 0;
        for (int i = 0; i < count; i++) {
            int sent = socket.send(pieces, i == 0 ? 0 : ends[i - 1], ends[i]);
            if (sent < 0) {
                failed++;
                drops.count(reason(-sent));
                errors += refusals(sent);
            }
        }
        return failed == 0;
    }

    /** Whether the last {@link #send} had to send each datagram alone and could: it is not worth a try again. */
    boolean refused() {
        return refused;
    }

    private static DropReason reason(int errno) {
        return switch (errno) {
            case Errno.EAGAIN, Errno.ENOBUFS -> DropReason.SOCKET_FULL;
            case Errno.EMSGSIZE -> DropReason.TOO_LONG;
            default -> DropReason.SOCKET_ERROR;
        };
    }

    private static int refusals(int sent) {
        return sent == -Errno.ECONNREFUSED ? 1 : 0;
    }
}
