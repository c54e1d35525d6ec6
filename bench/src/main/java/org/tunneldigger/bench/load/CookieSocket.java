// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.bench.load;

import java.io.IOException;
import org.tunneldigger.nativeio.DatagramBatch;
import org.tunneldigger.nativeio.Errno;
import org.tunneldigger.nativeio.OutgoingBatch;
import org.tunneldigger.nativeio.UdpSocket;
import org.tunneldigger.protocol.Endpoint;

/**
 * A socket that asks for cookies in bursts. A reply does not say which request it is for; the oldest unanswered one of the socket is
 * taken, which is right unless one was lost. So a burst is bounded, and after a loss the socket begins anew when the rest is overdue.
 */
final class CookieSocket implements AutoCloseable {
    static final int BURST = 64;

    /** Gets each request's fate. */
    interface Fates {
        void answered(long intendedNanos, long latencyNanos);

        void lost(long intendedNanos);
    }

    private final UdpSocket socket;
    private final Fates fates;
    private final long[] intendedNanos = new long[BURST];
    private int sent;
    private int answered;
    private long lastSentNanos;

    CookieSocket(Endpoint broker, Fates fates) throws IOException {
        this.fates = fates;
        this.socket = UdpSocket.open(broker.v6());
        try {
            socket.receiveBuffer(1 << 20);
            socket.connect(broker);
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    int fd() {
        return socket.fd();
    }

    /** How many more this burst may have. */
    int room() {
        return BURST - sent;
    }

    int outstanding() {
        return sent - answered;
    }

    /** The time of the i-th of the requests that {@link #send} sends next. */
    void intend(int i, long nanos) {
        intendedNanos[sent + i] = nanos;
    }

    /**
     * Sends requests, at most {@link #room}, whose times {@link #intend} was told.
     *
     * @param requests a batch of as many
     */
    void send(OutgoingBatch requests, int count, long nowNanos) throws IOException {
        int result = socket.send(requests, 0, count);
        if (result < 0 && result != -Errno.EAGAIN && result != -Errno.ENOBUFS && result != -Errno.ECONNREFUSED) {
            throw new IOException("cannot send to the broker: " + Errno.name(-result));
        }
        for (int i = Math.max(0, result); i < count; i++) {
            fates.lost(intendedNanos[sent + i]);
        }
        sent += Math.max(0, result);
        lastSentNanos = nowNanos;
    }

    /** Takes what has come. That nobody listens is no more than a loss: a broker may be starting anew. */
    void receive(DatagramBatch batch) {
        int count;
        do {
            count = socket.receive(batch);
            long nowNanos = System.nanoTime();
            for (int i = 0; i < count && answered < sent; i++) {
                long intended = intendedNanos[answered++];
                fates.answered(intended, nowNanos - intended);
            }
        } while (count == batch.size());
        if (answered == sent) {
            answered = sent = 0;
        }
    }

    /** Begins anew if what is unanswered is older than this. */
    void giveUp(long patienceNanos, long nowNanos) {
        if (outstanding() > 0 && nowNanos - lastSentNanos > patienceNanos) {
            for (int i = answered; i < sent; i++) {
                fates.lost(intendedNanos[i]);
            }
            answered = sent = 0;
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
