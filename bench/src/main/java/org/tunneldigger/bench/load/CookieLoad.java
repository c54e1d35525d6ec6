// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.bench.load;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.tunneldigger.nativeio.DatagramBatch;
import org.tunneldigger.nativeio.Epoll;
import org.tunneldigger.nativeio.OutgoingBatch;
import org.tunneldigger.protocol.ControlCodec;
import org.tunneldigger.protocol.ControlMessage.Cookie;
import org.tunneldigger.protocol.Endpoint;

/**
 * Asks for cookies. With a rate (open loop) requests leave when they are due, whatever became of those before, and latency counts from
 * the time when a request was due: a broker that pauses pays for all that it delayed. Without a rate (closed loop) each socket sends
 * its next burst when the last one is answered. One thread, which never sleeps for longer than a millisecond.
 */
final class CookieLoad implements CookieSocket.Fates {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    /** A request that is not answered by then is lost. Longer than any queue of a broker that lives. */
    private static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    private static final long NAP_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    /**
     * @param rate requests a second, or 0 for a closed loop
     * @param seconds how long is measured
     * @param warmUpSeconds how long the same load is sent before that
     */
    record Options(int rate, int seconds, int warmUpSeconds, int sockets) {
        static Options of(Arguments arguments) throws UsageException {
            int rate = arguments.integer("--rate", 1, 10_000_000, 0);
            return new Options(
                    rate,
                    arguments.integer("--seconds", 1, 86_400, 10),
                    arguments.integer("--warm-up", 0, 3_600, 2),
                    arguments.integer("--sockets", 1, 16_384, rate == 0 ? 16 : 256));
        }
    }

    private final Endpoint broker;
    private final Options options;
    private final OutgoingBatch requests = new OutgoingBatch(CookieSocket.BURST, 64);
    private final DatagramBatch replies = new DatagramBatch(CookieSocket.BURST);
    private final Histogram latencies = Latencies.histogram();
    private long measureFromNanos;
    private long measureToNanos;
    private long answered;
    private long lost;
    private long answeredInTime;

    CookieLoad(Endpoint broker, Options options) {
        this.broker = broker;
        this.options = options;
        for (int i = 0; i < CookieSocket.BURST; i++) {
            ControlCodec.encode(new Cookie(0), requests.next());
            requests.add(null, null);
        }
    }

    Figures run() throws IOException {
        CookieSocket[] sockets = new CookieSocket[options.sockets()];
        try (Epoll epoll = Epoll.open()) {
            try {
                for (int i = 0; i < sockets.length; i++) {
                    sockets[i] = new CookieSocket(broker, this);
                    epoll.add(sockets[i].fd(), Epoll.IN, i);
                }
                Figures figures = options.rate() > 0 ? openLoop(sockets, epoll) : closedLoop(sockets, epoll);
                if (answered == 0) {
                    throw new IOException("nobody at " + broker + " answers");
                }
                return figures;
            } finally {
                for (CookieSocket socket : sockets) {
                    if (socket != null) {
                        socket.close();
                    }
                }
            }
        }
    }

    private long start() {
        long startNanos = System.nanoTime();
        measureFromNanos = startNanos + options.warmUpSeconds() * SECOND;
        measureToNanos = measureFromNanos + options.seconds() * SECOND;
        return startNanos;
    }

    private Figures openLoop(CookieSocket[] sockets, Epoll epoll) throws IOException {
        double nanosApart = (double) SECOND / options.rate();
        long startNanos = start();
        long total = (long) options.rate() * (options.warmUpSeconds() + options.seconds());
        long sent = 0;
        int next = 0;
        long nowNanos = startNanos;
        while (nowNanos - measureToNanos < 0) {
            long due = Math.min(total, 1 + (long) ((nowNanos - startNanos) / nanosApart));
            for (int tried = 0; sent < due && tried < sockets.length; tried++) {
                CookieSocket socket = sockets[next];
                next = next + 1 == sockets.length ? 0 : next + 1;
                int count = (int) Math.min(due - sent, socket.room());
                for (int i = 0; i < count; i++) {
                    socket.intend(i, startNanos + (long) ((sent + i) * nanosApart));
                }
                if (count > 0) {
                    socket.send(requests, count, nowNanos);
                    sent += count;
                    tried = -1;
                } else {
                    socket.giveUp(PATIENCE_NANOS, nowNanos);
                }
            }
            long nextDueNanos = startNanos + (long) (sent * nanosApart);
            receive(sockets, epoll, nextDueNanos - nowNanos > NAP_NANOS ? 1 : 0);
            nowNanos = System.nanoTime();
        }
        await(sockets, epoll);
        Figures figures = new Figures();
        figures.add("cookie-rate-asked", options.rate(), "1/s");
        figures.count("cookie-requests-behind", total - sent);
        return told(figures, answered);
    }

    private Figures closedLoop(CookieSocket[] sockets, Epoll epoll) throws IOException {
        start();
        long nowNanos = System.nanoTime();
        while (nowNanos - measureToNanos < 0) {
            for (CookieSocket socket : sockets) {
                if (socket.outstanding() == 0) {
                    for (int i = 0; i < CookieSocket.BURST; i++) {
                        socket.intend(i, nowNanos);
                    }
                    socket.send(requests, CookieSocket.BURST, nowNanos);
                } else {
                    socket.giveUp(PATIENCE_NANOS, nowNanos);
                }
            }
            receive(sockets, epoll, 1);
            nowNanos = System.nanoTime();
        }
        await(sockets, epoll);
        return told(new Figures(), answeredInTime);
    }

    private void receive(CookieSocket[] sockets, Epoll epoll, long timeoutNanos) throws IOException {
        int ready = epoll.await(timeoutNanos);
        for (int i = 0; i < ready; i++) {
            sockets[(int) epoll.token(i)].receive(replies);
        }
    }

    /** For the last replies; what stays away is lost. */
    private void await(CookieSocket[] sockets, Epoll epoll) throws IOException {
        long endNanos = System.nanoTime() + PATIENCE_NANOS;
        while (System.nanoTime() - endNanos < 0) {
            receive(sockets, epoll, 1);
        }
        for (CookieSocket socket : sockets) {
            socket.giveUp(0, System.nanoTime());
        }
    }

    private Figures told(Figures figures, long replyCount) {
        figures.add("cookie-replies", (double) replyCount / options.seconds(), "1/s");
        figures.add("cookie-loss", 100.0 * lost / Math.max(1, answered + lost), "%");
        figures.count("cookie-lost", lost);
        figures.latencies("cookie-latency", latencies, "us", 1000);
        return figures;
    }

    @Override
    public void answered(long intendedNanos, long latencyNanos) {
        long atNanos = intendedNanos + latencyNanos;
        if (atNanos - measureFromNanos >= 0 && atNanos - measureToNanos < 0) {
            answeredInTime++;
        }
        if (isMeasured(intendedNanos)) {
            answered++;
            Latencies.record(latencies, latencyNanos);
        }
    }

    @Override
    public void lost(long intendedNanos) {
        if (isMeasured(intendedNanos)) {
            lost++;
        }
    }

    private boolean isMeasured(long intendedNanos) {
        return intendedNanos - measureFromNanos >= 0 && intendedNanos - measureToNanos < 0;
    }
}
