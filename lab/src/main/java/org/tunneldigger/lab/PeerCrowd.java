// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.IntUnaryOperator;

/**
 * Many clients that know the protocol and have no interfaces: each asks for a tunnel, again and again until it has one,
 * acknowledges probes up to a size of its own, and sends keepalives. One thread serves all sockets.
 */
public final class PeerCrowd implements AutoCloseable {
    private static final Duration ASK_AGAIN = Duration.ofSeconds(3);
    private static final Duration KEEPALIVE = Duration.ofSeconds(5);
    private static final int TICK_MILLIS = 20;

    private final Selector selector;
    private final List<Peer> peers = new ArrayList<>();
    private final Thread thread;
    private volatile int asking;
    private volatile boolean closed;

    /** One client; of the crowd's thread, but for what is volatile. */
    private static final class Peer {
        final String uuid;
        final DatagramChannel channel;
        final int largestProbe;
        volatile int brokerId;
        volatile boolean ended;
        long dueNanos;

        Peer(String uuid, DatagramChannel channel, int largestProbe) {
            this.uuid = uuid;
            this.channel = channel;
            this.largestProbe = largestProbe;
        }
    }

    private PeerCrowd(Selector selector) {
        this.selector = selector;
        this.thread = new Thread(this::run, "peer crowd");
        thread.setDaemon(true);
    }

    /**
     * Clients {@code crowd-0…} in a namespace, towards the lab's broker over IPv4; silent until {@link #ask}.
     *
     * @param largestProbe by the client's number, the largest probe that its path carries, in bytes of UDP payload
     */
    public static PeerCrowd open(Namespace where, int count, IntUnaryOperator largestProbe) {
        try {
            var crowd = new PeerCrowd(Selector.open());
            for (int i = 0; i < count; i++) {
                DatagramChannel channel = where.call(() -> DatagramChannel.open(StandardProtocolFamily.INET));
                channel.bind(null).connect(new InetSocketAddress(Lab.BROKER_V4, Lab.PORT));
                channel.configureBlocking(false);
                var peer = new Peer("crowd-" + i, channel, largestProbe.applyAsInt(i));
                channel.register(crowd.selector, SelectionKey.OP_READ, peer);
                crowd.peers.add(peer);
            }
            crowd.thread.start();
            return crowd;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The first so many of the crowd ask for tunnels from now on, and keep them. */
    public void ask(int count) {
        asking = count;
        selector.wakeup();
    }

    /** How many have a tunnel. */
    public long standing() {
        return peers.stream().filter(peer -> peer.brokerId != 0 && !peer.ended).count();
    }

    /** One of them says that it closes its tunnel, and asks for no other. */
    public void leave(int number) {
        Peer peer = peers.get(number);
        peer.ended = true;
        write(peer, new ControlPacket(ControlPacket.ERROR, new byte[] {0}));
    }

    private void run() {
        ByteBuffer buffer = ByteBuffer.allocate(65_536);
        try {
            while (!closed) {
                selector.select(key -> read((Peer) key.attachment(), buffer), TICK_MILLIS);
                long nowNanos = System.nanoTime();
                for (int i = 0; i < asking; i++) {
                    tick(peers.get(i), nowNanos);
                }
            }
        } catch (ClosedSelectorException e) {
            // closed
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void tick(Peer peer, long nowNanos) {
        if (peer.ended || peer.dueNanos != 0 && nowNanos - peer.dueNanos < 0) {
            return;
        }
        if (peer.brokerId == 0) {
            write(peer, ControlPacket.request(ControlPacket.COOKIE));
            peer.dueNanos = nowNanos + ASK_AGAIN.toNanos();
        } else {
            write(peer, new ControlPacket(ControlPacket.KEEPALIVE, new byte[0]));
            peer.dueNanos = nowNanos + KEEPALIVE.toNanos();
        }
    }

    private void read(Peer peer, ByteBuffer buffer) {
        try {
            while (peer.channel.receive(buffer.clear()) != null) {
                byte[] datagram = Arrays.copyOf(buffer.array(), buffer.position());
                ControlPacket.parse(datagram).ifPresent(packet -> answer(peer, packet, datagram.length));
            }
        } catch (IOException e) {
            // the broker is away for now
        }
    }

    private void answer(Peer peer, ControlPacket packet, int length) {
        switch (packet.type()) {
            case ControlPacket.COOKIE ->
                write(peer, ControlPacket.prepare(packet.payload(), peer.uuid, 1, OptionalInt.of(1)));
            case ControlPacket.TUNNEL -> peer.brokerId = (int) packet.field(0, 4);
            case ControlPacket.ERROR -> peer.brokerId = 0;
            case ControlPacket.PMTUD -> {
                if (length <= peer.largestProbe) {
                    write(peer, new ControlPacket(ControlPacket.PMTUD_ACK, new byte[] {
                        (byte) (length >> 8), (byte) length
                    }));
                }
            }
            default -> {}
        }
    }

    private static void write(Peer peer, ControlPacket packet) {
        try {
            peer.channel.write(ByteBuffer.wrap(packet.encode()));
        } catch (IOException e) {
            // lost, as packets may be
        }
    }

    @Override
    public void close() throws IOException {
        closed = true;
        selector.close();
        for (Peer peer : peers) {
            peer.channel.close();
        }
    }
}
