// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Predicate;

/**
 * A client that does only what it is told, packet by packet; a thread of its own takes what comes. It may acknowledge the broker's
 * probes by itself, which can't wait for a test's steps.
 */
public final class ScriptedPeer implements AutoCloseable {
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(10);

    /** What a handshake came to. */
    public record Tunnel(int brokerId, ControlPacket answer) {}

    private final DatagramChannel channel;
    private final Thread reader;
    /** What came and was not taken; guarded by itself. */
    private final List<byte[]> received = new ArrayList<>();

    private volatile int largestProbe;

    private ScriptedPeer(DatagramChannel channel) {
        this.channel = channel;
        reader = new Thread(this::read, "scripted peer");
        reader.setDaemon(true);
        reader.start();
    }

    /** A socket in the namespace, towards the broker of the lab over IPv4. */
    public static ScriptedPeer open(Namespace where) {
        return new ScriptedPeer(where.call(() -> DatagramChannel.open(StandardProtocolFamily.INET)
                .bind(null)
                .connect(new InetSocketAddress(Lab.BROKER_V4, Lab.PORT))));
    }

    /**
     * From now on probes are acknowledged as they come, as by a client at the end of such a path; they are not kept.
     *
     * @param largest bytes of UDP payload that still arrive
     */
    public void acknowledgeProbes(int largest) {
        largestProbe = largest;
    }

    private void read() {
        ByteBuffer buffer = ByteBuffer.allocate(65_536);
        try {
            while (true) {
                channel.receive(buffer.clear());
                byte[] datagram = Arrays.copyOf(buffer.array(), buffer.position());
                int largest = largestProbe;
                if (largest > 0 && ControlPacket.isOfType(datagram, ControlPacket.PMTUD)) {
                    if (datagram.length <= largest) {
                        send(acknowledgement(datagram.length));
                    }
                    continue;
                }
                synchronized (received) {
                    received.add(datagram);
                    received.notifyAll();
                }
            }
        } catch (PortUnreachableException e) {
            read(); // the broker is away for now
        } catch (ClosedChannelException e) {
            // the peer was closed
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ControlPacket acknowledgement(int length) {
        return new ControlPacket(ControlPacket.PMTUD_ACK, new byte[] {(byte) (length >> 8), (byte) length});
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

    /** The first datagram that fits, empty when none comes in time. */
    public Optional<byte[]> take(Duration limit, Predicate<byte[]> fits) {
        long deadlineNanos = System.nanoTime() + limit.toNanos();
        synchronized (received) {
            for (int next = 0; ; next++) {
                while (next == received.size()) {
                    long leftMillis = (deadlineNanos - System.nanoTime()) / 1_000_000;
                    if (leftMillis <= 0) {
                        return Optional.empty();
                    }
                    pause(leftMillis);
                }
                if (fits.test(received.get(next))) {
                    return Optional.of(received.remove(next));
                }
            }
        }
    }

    private void pause(long millis) {
        try {
            received.wait(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for a datagram", e);
        }
    }

    public ControlPacket awaitControl(int type) {
        byte[] datagram = await("control packet %02X".formatted(type), bytes -> ControlPacket.isOfType(bytes, type));
        return ControlPacket.parse(datagram).orElseThrow();
    }

    /** COOKIE, PREPARE, TUNNEL. */
    public Tunnel handshake(String uuid, int tunnelId, OptionalInt flags) {
        send(ControlPacket.request(ControlPacket.COOKIE));
        byte[] cookie = awaitControl(ControlPacket.COOKIE).payload();
        send(ControlPacket.prepare(cookie, uuid, tunnelId, flags));
        ControlPacket answer = awaitControl(ControlPacket.TUNNEL);
        return new Tunnel((int) answer.field(0, 4), answer);
    }

    private String summary() {
        List<byte[]> others;
        synchronized (received) {
            others = List.copyOf(received);
        }
        var text = new StringBuilder(others.size() + " other datagrams");
        for (byte[] datagram : others) {
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
