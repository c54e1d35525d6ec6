// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.broker;

import java.util.function.Consumer;
import org.tunneldigger.nativeio.Datagram;
import org.tunneldigger.nativeio.Errno;
import org.tunneldigger.session.Session;

/** Reads the connected sockets of sessions, a bounded batch at a time. Loop thread only. */
final class SessionSockets {
    private static final int BATCH = 64;

    private final Datagram datagram;
    private final Consumer<Datagram> receiver;

    SessionSockets(Datagram datagram, Consumer<Datagram> receiver) {
        this.datagram = datagram;
        this.receiver = receiver;
    }

    void receive(LiveSession live) {
        for (int i = 0; i < BATCH && live.session().state() != Session.State.DOWN; i++) {
            int length = live.socket().receive(datagram);
            if (length >= 0) {
                receiver.accept(datagram);
            } else if (length == -Errno.EAGAIN) {
                return;
            } else {
                live.onSocketError(length);
            }
        }
    }
}
