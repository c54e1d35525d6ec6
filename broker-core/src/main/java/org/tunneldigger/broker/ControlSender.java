// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.broker;

import java.nio.ByteBuffer;
import org.tunneldigger.nativeio.UdpSocket;
import org.tunneldigger.protocol.ControlCodec;
import org.tunneldigger.protocol.ControlMessage;

/** Encodes control messages into one reused buffer and sends them. Loop thread only. */
final class ControlSender {
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(2048);
    private final BrokerCounters counters;

    ControlSender(BrokerCounters counters) {
        this.counters = counters;
    }

    /**
     * Sends on a session's connected socket.
     *
     * @return 0 or more, or a negative errno
     */
    int send(ControlMessage message, UdpSocket socket) {
        ControlCodec.encode(message, buffer);
        return socket.send(buffer);
    }

    /** Answers from a listening socket, from the address that was asked. A lost answer is the asker's to notice. */
    void reply(ControlMessage message, Flow flow, UdpSocket listener) {
        ControlCodec.encode(message, buffer);
        if (listener.sendTo(buffer, flow.remote(), flow.local()) < 0) {
            counters.count(BrokerCounters.Event.REPLIES_NOT_SENT);
        }
    }
}
