// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Predicate;

/** A client that does only what it is told, packet by packet. */
public final class ScriptedPeer implements AutoCloseable {
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(5);

    /** What a handshake came to. */
    public record Tunnel(int brokerId, ControlPacket answer) {}

    private final DatagramChannel channel;
    private final List<byte[]> received = new ArrayList<>();
    private final byte[] buffer = new byte[65_536];

    private int largestProbe;

    private ScriptedPeer(DatagramChannel channel) {
        this.channel = channel;
    }

    /** A socket in the namespace, towards the broker of the lab over IPv4. */
    public static ScriptedPeer open(Namespace where) {
        return new ScriptedPeer(where.call(() -> DatagramChannel.open(StandardProtocolFamily.INET)
                .bind(null)
                .connect(new InetSocketAddress(Lab.BROKER_V4, Lab.PORT))));
    }

    public void send(byte[] datagram) {
        try {
            channel.write(ByteBuffer.wrap(datagram));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public void send(ControlPacket packet) {
        send(packet.encode());
    }

    /**
     * The first datagram that fits, of those not taken so far; what comes before it stays for later.
     *
     * @throws AssertionError when none comes in time
     */
    public byte[] await(String what, Predicate<byte[]> fits) {
        return await(what, fits, ANSWER_LIMIT);
    }

    public byte[] await(String what, Predicate<byte[]> fits, Duration limit) {
        return take(limit, fits)
                .orElseThrow(() -> new AssertionError(
                        "the peer got no " + what + " within " + limit.toMillis() + " ms, but " + summary()));
    }

    /**
     * From now on probes are acknowledged as they are met, like by a client at the end of such a path; they are not kept.
     *
     * @param largest bytes of UDP payload that still arrive
     */
    public void acknowledgeProbes(int largest) {
        largestProbe = largest;
    }

    /** Looks at what has come, for a moment. */
    public void listen() {
        receive(10);
    }

    /** The first datagram that fits, empty when none comes in time. */
    public Optional<byte[]> take(Duration limit, Predicate<byte[]> fits) {
        long deadlineNanos = System.nanoTime() + limit.toNanos();
        int next = 0;
        while (true) {
            for (; next < received.size(); next++) {
                if (fits.test(received.get(next))) {
                    return Optional.of(received.remove(next));
                }
            }
            long leftMillis = (deadlineNanos - System.nanoTime()) / 1_000_000;
            if (leftMillis <= 0) {
                return Optional.empty();
            }
            receive((int) leftMillis);
        }
    }

    public ControlPacket awaitControl(int type) {
        byte[] datagram = await("control packet %02X".formatted(type), bytes -> ControlPacket.isOfType(bytes, type));
        return ControlPacket.parse(datagram).orElseThrow();
    }

    /** Whether nothing that fits comes within the span. */
    public boolean staysSilent(Duration span, Predicate<byte[]> fits) {
        long endNanos = System.nanoTime() + span.toNanos();
        for (long left = span.toMillis(); left > 0; left = (endNanos - System.nanoTime()) / 1_000_000) {
            receive((int) left);
        }
        return received.stream().noneMatch(fits);
    }

    /** Forgets what came and was not taken. */
    public void forget() {
        received.clear();
    }

    /** COOKIE, PREPARE, TUNNEL. */
    public Tunnel handshake(String uuid, int tunnelId, OptionalInt flags) {
        send(ControlPacket.request(ControlPacket.COOKIE));
        byte[] cookie = awaitControl(ControlPacket.COOKIE).payload();
        send(ControlPacket.prepare(cookie, uuid, tunnelId, flags));
        ControlPacket answer = awaitControl(ControlPacket.TUNNEL);
        return new Tunnel((int) answer.field(0, 4), answer);
    }

    private void receive(int limitMillis) {
        try {
            channel.socket().setSoTimeout(limitMillis);
            var packet = new DatagramPacket(buffer, buffer.length);
            channel.socket().receive(packet);
            byte[] datagram = Arrays.copyOf(buffer, packet.getLength());
            if (largestProbe > 0 && ControlPacket.isOfType(datagram, ControlPacket.PMTUD)) {
                acknowledge(datagram.length);
            } else {
                received.add(datagram);
            }
        } catch (SocketTimeoutException e) {
            // nothing came; the caller looks at its own clock
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void acknowledge(int length) {
        if (length <= largestProbe) {
            send(new ControlPacket(ControlPacket.PMTUD_ACK, new byte[] {(byte) (length >> 8), (byte) length}));
        }
    }

    private String summary() {
        var text = new StringBuilder(received.size() + " other datagrams");
        for (byte[] datagram : received) {
            text.append("\n  ")
                    .append(ControlPacket.parse(datagram)
                            .map(ControlPacket::toString)
                            .orElse("data or strange"))
                    .append(", ")
                    .append(datagram.length)
                    .append(" bytes");
        }
        return text.toString();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
