// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.bench.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tunneldigger.loop.EventLoop;
import org.tunneldigger.nativeio.Datagram;
import org.tunneldigger.nativeio.UdpSocket;
import org.tunneldigger.protocol.ControlCodec;
import org.tunneldigger.protocol.ControlMessage;
import org.tunneldigger.protocol.Endpoint;

/** All clients of a run, and what they share. Of the loop's thread. */
final class ClientCrowd {
    /** Is told what becomes of clients. */
    interface Watcher {
        void onUp(LoadClient client);

        /**
         * A client came to its end.
         *
         * @param wasUp whether it had a tunnel
         */
        void onOver(LoadClient client, boolean wasUp);
    }

    private final Endpoint broker;
    private final EventLoop loop;
    private final Watcher watcher;
    private final Random random = new Random();
    private final String run = Integer.toHexString(random.nextInt());
    private final Datagram datagram = new Datagram();
    private final ByteBuffer outgoing = ByteBuffer.allocateDirect(2048);
    private final Set<LoadClient> clients = new LinkedHashSet<>();
    private final Deque<LoadClient> upInOrder = new ArrayDeque<>();
    private int lastNumber;

    ClientCrowd(Endpoint broker, EventLoop loop, Watcher watcher) {
        this.broker = broker;
        this.loop = loop;
        this.watcher = watcher;
    }

    /**
     * Lets another client come.
     *
     * @throws IOException if the system has no socket left, or no way to the broker
     */
    void startClient(ClientTally tally) throws IOException {
        UdpSocket socket = UdpSocket.open(broker.v6());
        try {
            socket.connect(broker);
            LoadClient client = new LoadClient(this, socket, ++lastNumber, tally);
            clients.add(client);
            client.start();
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    boolean isEmpty() {
        return clients.isEmpty();
    }

    /** Those that have a tunnel, in the order in which they got it; a copy. */
    List<LoadClient> up() {
        return upInOrder.stream().filter(LoadClient::isUp).toList();
    }

    /** Takes the client that has had its tunnel for the longest time out of the order. */
    @Nullable
    LoadClient pollOldest() {
        LoadClient oldest = upInOrder.poll();
        while (oldest != null && !oldest.isUp()) {
            oldest = upInOrder.poll();
        }
        return oldest;
    }

    /** Closes every socket and says nothing to the broker. */
    void abandonAll() {
        clients.forEach(LoadClient::abandon);
        clients.clear();
    }

    EventLoop loop() {
        return loop;
    }

    Random random() {
        return random;
    }

    /** Room for what is received. */
    Datagram datagram() {
        return datagram;
    }

    /** A name that no client of another run has. */
    String uuid(int number) {
        return "load-" + run + "-" + number;
    }

    /** Returns a negative error number when that failed. */
    int send(ControlMessage message, UdpSocket socket) {
        ControlCodec.encode(message, outgoing);
        return socket.send(outgoing);
    }

    void onUp(LoadClient client) {
        upInOrder.add(client);
        watcher.onUp(client);
    }

    void onOver(LoadClient client, boolean wasUp) {
        clients.remove(client);
        watcher.onOver(client, wasUp);
    }
}
