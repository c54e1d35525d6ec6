// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * A NAT for one client: takes its datagrams, sends them to the broker from a port of its own, and the answers back. It may lose,
 * double and delay them, and change its own port as a NAT that forgot its mapping. One thread of its own moves the datagrams.
 */
public final class UdpRelay implements AutoCloseable {
    /** Which way a datagram goes. */
    public enum Direction {
        TO_BROKER,
        TO_CLIENT
    }

    /** What happens to a datagram: one copy is sent after each of the delays; none is a loss. Called by the relay's thread. */
    @FunctionalInterface
    public interface Fate {
        List<Duration> of(Direction direction, byte[] payload);
    }

    /** Every datagram goes on at once. */
    public static final Fate FAITHFUL = (direction, payload) -> List.of(Duration.ZERO);

    private record Pending(long atNanos, Direction direction, byte[] payload) {}

    private final Namespace where;
    private final InetSocketAddress broker;
    private final Selector selector;
    private final DatagramChannel downstream;
    private final PriorityQueue<Pending> pending =
            new PriorityQueue<>((a, b) -> Long.compare(a.atNanos() - b.atNanos(), 0));
    private final ByteBuffer buffer = ByteBuffer.allocate(65_536);
    private final Thread thread;
    private DatagramChannel upstream;
    private @Nullable SocketAddress client;
    private volatile Fate fate = FAITHFUL;
    private volatile boolean rebindAsked;
    private volatile boolean closing;

    private UdpRelay(Namespace where, int port, InetSocketAddress broker) throws IOException {
        this.where = where;
        this.broker = broker;
        selector = Selector.open();
        downstream = open(port);
        upstream = open(0);
        thread = new Thread(this::run, "relay " + port);
        thread.setDaemon(true);
    }

    static UdpRelay open(Namespace where, int port, String brokerAddress, int brokerPort) {
        try {
            var relay = new UdpRelay(where, port, new InetSocketAddress(brokerAddress, brokerPort));
            relay.thread.start();
            return relay;
        } catch (IOException e) {
            throw new UncheckedIOException("relay on port " + port, e);
        }
    }

    public void fate(Fate newFate) {
        fate = newFate;
    }

    /** From now on it sends to the broker from another port; answers to the old one are lost. Returns once that is so. */
    public void rebind() {
        rebindAsked = true;
        selector.wakeup();
        while (rebindAsked && thread.isAlive()) {
            Thread.onSpinWait();
        }
    }

    private DatagramChannel open(int port) throws IOException {
        DatagramChannel channel = where.call(
                () -> DatagramChannel.open(StandardProtocolFamily.INET).bind(new InetSocketAddress("0.0.0.0", port)));
        channel.configureBlocking(false);
        channel.register(selector, SelectionKey.OP_READ);
        return channel;
    }

    private void run() {
        try {
            while (!closing) {
                selector.select(millisToNext());
                selector.selectedKeys().clear();
                if (rebindAsked) {
                    upstream.close();
                    upstream = open(0);
                    rebindAsked = false;
                }
                take(downstream, Direction.TO_BROKER);
                take(upstream, Direction.TO_CLIENT);
                sendDue();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("relay", e);
        }
    }

    private long millisToNext() {
        Pending next = pending.peek();
        return next == null ? 0 : Math.max(1, (next.atNanos() - System.nanoTime()) / 1_000_000);
    }

    private void take(DatagramChannel channel, Direction direction) throws IOException {
        while (true) {
            buffer.clear();
            SocketAddress from = channel.receive(buffer);
            if (from == null) {
                return;
            }
            if (direction == Direction.TO_BROKER) {
                client = from;
            }
            byte[] payload = new byte[buffer.flip().remaining()];
            buffer.get(payload);
            for (Duration delay : fate.of(direction, payload)) {
                pending.add(new Pending(System.nanoTime() + delay.toNanos(), direction, payload));
            }
        }
    }

    private void sendDue() throws IOException {
        while (true) {
            Pending next = pending.peek();
            if (next == null || next.atNanos() - System.nanoTime() > 0) {
                return;
            }
            pending.remove();
            ByteBuffer payload = ByteBuffer.wrap(next.payload());
            switch (next.direction()) {
                case TO_BROKER -> upstream.send(payload, broker);
                case TO_CLIENT -> {
                    if (client != null) {
                        downstream.send(payload, client);
                    }
                }
            }
        }
    }

    @Override
    public void close() throws IOException {
        closing = true;
        selector.wakeup();
        try {
            thread.join(5_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        downstream.close();
        upstream.close();
        selector.close();
    }
}
