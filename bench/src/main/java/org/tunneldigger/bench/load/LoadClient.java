// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.bench.load;

import java.io.IOException;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.tunneldigger.loop.Timer;
import org.tunneldigger.nativeio.Datagram;
import org.tunneldigger.nativeio.Errno;
import org.tunneldigger.nativeio.UdpSocket;
import org.tunneldigger.protocol.ControlCodec;
import org.tunneldigger.protocol.ControlMessage;
import org.tunneldigger.protocol.ControlMessage.Cookie;
import org.tunneldigger.protocol.ControlMessage.Keepalive;
import org.tunneldigger.protocol.ControlMessage.PmtuNotify;
import org.tunneldigger.protocol.ControlMessage.Pmtud;
import org.tunneldigger.protocol.ControlMessage.PmtudAck;
import org.tunneldigger.protocol.ControlMessage.Prepare;
import org.tunneldigger.protocol.ControlMessage.Tunnel;
import org.tunneldigger.protocol.Decoded;

/** One client: handshake, acknowledgements of probes, keepalives, and an end. Of the loop's thread. */
final class LoadClient {
    /** Reason "the other side asked", from a client. */
    private static final ControlMessage GOODBYE = new ControlMessage.Error(0x10);

    private static final long ASK_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(3);
    private static final long KEEPALIVE_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final int ASK_LIMIT = 5;
    private static final int BATCH = 16;

    private enum State {
        ASKING,
        PREPARING,
        UP,
        LEAVING,
        OVER
    }

    /** How a client that came to nothing ended, and one that had a tunnel. */
    enum End {
        NO_COOKIE,
        NO_TUNNEL,
        REFUSED,
        NOBODY_LISTENS,
        /** As it had asked for. */
        LEFT,
        /** It asked, and the broker said nothing. */
        LEFT_UNANSWERED,
        CLOSED_BY_BROKER
    }

    private final ClientCrowd crowd;
    private final UdpSocket socket;
    private final int number;
    private final ClientTally tally;
    private final long startNanos;
    private State state = State.ASKING;
    private @Nullable Prepare prepare;
    private @Nullable Timer timer;
    private int asked;
    private long upNanos;
    private boolean mtuKnown;
    private long tunnelId;
    private long keepaliveSequence;
    private int heardSequence = -1;

    /** @param number its tunnel id, 1 or more; and part of its uuid */
    LoadClient(ClientCrowd crowd, UdpSocket socket, int number, ClientTally tally) {
        this.crowd = crowd;
        this.socket = socket;
        this.number = number;
        this.tally = tally;
        this.startNanos = System.nanoTime();
    }

    UdpSocket socket() {
        return socket;
    }

    ClientTally tally() {
        return tally;
    }

    boolean isUp() {
        return state == State.UP;
    }

    /** The broker's, once up. */
    long tunnelId() {
        return tunnelId;
    }

    void start() throws IOException {
        crowd.loop().watch(socket.fd(), this::onReadable);
        ask();
    }

    /** Tells the broker that it goes; it is over when the broker has answered. */
    void leave() {
        if (state == State.UP) {
            state = State.LEAVING;
            asked = 0;
            ask();
        }
    }

    /** Sends what this state asks with, and again later; in the end gives up. */
    private void ask() {
        if (asked == ASK_LIMIT) {
            over(
                    state == State.ASKING
                            ? End.NO_COOKIE
                            : state == State.PREPARING ? End.NO_TUNNEL : End.LEFT_UNANSWERED);
            return;
        }
        if (asked++ > 0) {
            tally.onRepeat();
        }
        if (state == State.PREPARING && prepare != null) {
            send(prepare);
        } else {
            send(state == State.LEAVING ? GOODBYE : new Cookie(0));
        }
        after(ASK_AGAIN_NANOS, this::ask);
    }

    private void keepalive() {
        send(new Keepalive(keepaliveSequence++, 4));
        tally.onKeepaliveSent();
        after(KEEPALIVE_NANOS, this::keepalive);
    }

    private void onReadable() {
        Datagram datagram = crowd.datagram();
        for (int i = 0; i < BATCH && state != State.OVER; i++) {
            int length = socket.receive(datagram);
            if (length == -Errno.EAGAIN) {
                return;
            } else if (length == -Errno.ECONNREFUSED) {
                over(state == State.LEAVING ? End.LEFT : End.NOBODY_LISTENS);
            } else if (length >= 0) {
                onDatagram(ControlCodec.decode(datagram.buffer(), length));
            }
        }
    }

    private void onDatagram(Decoded decoded) {
        if (decoded instanceof Cookie cookie && state == State.ASKING) {
            state = State.PREPARING;
            asked = 0;
            String uuid = crowd.uuid(number);
            prepare = new Prepare(cookie.value(), uuid, OptionalLong.of(number), OptionalLong.of(1));
            ask();
        } else if (decoded instanceof Tunnel tunnel && state == State.PREPARING) {
            onTunnel(tunnel);
        } else if (decoded instanceof Pmtud probe) {
            send(new PmtudAck(probe.datagramLength()));
        } else if (decoded instanceof PmtuNotify && !mtuKnown && state == State.UP) {
            mtuKnown = true;
            tally.onMtuKnown(System.nanoTime() - upNanos);
        } else if (decoded instanceof Keepalive keepalive && state == State.UP) {
            onKeepalive((int) keepalive.sequence());
        } else if (decoded instanceof ControlMessage.Error) {
            over(state == State.LEAVING ? End.LEFT : state == State.UP ? End.CLOSED_BY_BROKER : End.REFUSED);
        }
    }

    private void onTunnel(Tunnel tunnel) {
        state = State.UP;
        upNanos = System.nanoTime();
        tunnelId = tunnel.tunnelId();
        tally.onUp(upNanos - startNanos);
        after(crowd.random().nextLong(KEEPALIVE_NANOS), this::keepalive);
        crowd.onUp(this);
    }

    /** The broker numbers its keepalives: what is left out was lost. */
    private void onKeepalive(int sequence) {
        int missing = heardSequence < 0 ? 0 : sequence - heardSequence - 1 & 0xFFFF;
        heardSequence = sequence;
        tally.onKeepaliveHeard(missing);
    }

    private void send(ControlMessage message) {
        int sent = crowd.send(message, socket);
        if (sent == -Errno.ECONNREFUSED) {
            over(state == State.LEAVING ? End.LEFT : End.NOBODY_LISTENS);
        }
    }

    private void over(End end) {
        if (state == State.OVER) {
            return;
        }
        boolean wasUp = state == State.UP || state == State.LEAVING;
        state = State.OVER;
        abandon();
        tally.onEnd(end);
        crowd.onOver(this, wasUp);
    }

    /** Closes the socket and says nothing. */
    void abandon() {
        state = State.OVER;
        if (timer != null) {
            timer.cancel();
        }
        crowd.loop().unwatch(socket.fd());
        socket.close();
    }

    private void after(long nanos, Runnable action) {
        if (timer != null) {
            timer.cancel();
        }
        if (state != State.OVER) {
            timer = crowd.loop().schedule(System.nanoTime() + nanos, action);
        }
    }
}
