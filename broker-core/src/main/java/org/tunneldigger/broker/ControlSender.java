// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.broker;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.tunneldigger.nativeio.OutgoingBatch;
import org.tunneldigger.nativeio.UdpSocket;
import org.tunneldigger.protocol.ControlCodec;
import org.tunneldigger.protocol.ControlMessage;

/** Encodes control messages into reused buffers and sends them: those of sessions at once, others perhaps many at a time. Loop thread only. */
final class ControlSender {
    private static final int BATCH = 64;

    /** No answer to somebody without a session is longer. */
    private static final int LONGEST_REPLY = 64;

    private final ByteBuffer buffer = ByteBuffer.allocateDirect(2048);
    private final OutgoingBatch replies = new OutgoingBatch(BATCH, LONGEST_REPLY);
    private final BrokerCounters counters;

    /** The socket of those that are held. */
    private @Nullable UdpSocket repliesFrom;

    private boolean holding;

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
        if (replies.isFull() || repliesFrom != listener) {
            sendHeld();
        }
        repliesFrom = listener;
        ControlCodec.encode(message, replies.next());
        replies.add(flow.remote(), flow.local());
        if (!holding) {
            sendHeld();
        }
    }

    /** From now on replies wait for each other, until {@link #release}. */
    void hold() {
        holding = true;
    }

    void release() {
        holding = false;
        sendHeld();
    }

    /** Sends the replies that wait; those that follow may wait again. */
    private void sendHeld() {
        UdpSocket socket = repliesFrom;
        for (int next = 0; next < replies.size() && socket != null; ) {
            int sent = socket.send(replies, next);
            if (sent < 0) {
                counters.count(BrokerCounters.Event.REPLIES_NOT_SENT);
            }
            next += Math.max(1, sent);
        }
        replies.clear();
    }
}
