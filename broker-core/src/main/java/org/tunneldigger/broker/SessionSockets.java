// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.broker;

import java.util.function.Consumer;
import org.tunneldigger.nativeio.Datagram;
import org.tunneldigger.nativeio.Errno;
import org.tunneldigger.session.Session;

/** Reads the connected sockets of sessions, a bounded batch at a time. Loop thread only. */
final class SessionSockets {
    private static final int BATCH = 64;

    /** A train of datagrams may have 64 kB: after so much it is the others' turn. */
    private static final int BATCH_BYTES = 512 << 10;

    /** An L2TP header and an Ethernet header: what is shorter is a KEEPALIVE, for instance, and comes alone. */
    private static final int SHORTEST_FRAME = 8 + 14;

    private final Datagram datagram;
    private final Consumer<Datagram> receiver;

    SessionSockets(Datagram datagram, Consumer<Datagram> receiver) {
        this.datagram = datagram;
        this.receiver = receiver;
    }

    void receive(LiveSession live) {
        int bytes = 0;
        for (int i = 0; i < BATCH && bytes < BATCH_BYTES && live.session().state() != Session.State.DOWN; i++) {
            int length = live.socket().receive(datagram);
            if (length >= 0) {
                bytes += length;
                receiver.accept(datagram);
                if (length < SHORTEST_FRAME) {
                    return; // to look for more costs a call each time; if there is more, the loop comes again
                }
            } else if (length == -Errno.EAGAIN) {
                return;
            } else {
                live.onSocketError(length);
            }
        }
    }
}
