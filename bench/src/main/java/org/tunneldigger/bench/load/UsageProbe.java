// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.bench.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.tunneldigger.loop.EventLoop;
import org.tunneldigger.loop.Timer;
import org.tunneldigger.nativeio.Datagram;
import org.tunneldigger.nativeio.UdpSocket;
import org.tunneldigger.protocol.ControlCodec;
import org.tunneldigger.protocol.ControlMessage.UsageReply;
import org.tunneldigger.protocol.ControlMessage.UsageRequest;
import org.tunneldigger.protocol.Endpoint;

/** Asks the broker every 10 ms how full it is, until it is closed. Of the loop's thread. */
final class UsageProbe implements AutoCloseable {
    private static final long GAP_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final EventLoop loop;
    private final UdpSocket socket;
    private final IntConsumer answers;
    private final Datagram datagram = new Datagram();
    private final ByteBuffer request = ByteBuffer.allocateDirect(64);
    private @Nullable Timer timer;

    /** @param answers get the broker's load, 0…65535 */
    UsageProbe(Endpoint broker, EventLoop loop, IntConsumer answers) throws IOException {
        this.loop = loop;
        this.answers = answers;
        this.socket = UdpSocket.open(broker.v6());
        ControlCodec.encode(new UsageRequest(OptionalLong.empty()), request);
        try {
            socket.connect(broker);
            loop.watch(socket.fd(), this::onReadable);
        } catch (IOException e) {
            socket.close();
            throw e;
        }
        ask();
    }

    private void ask() {
        socket.send(request);
        timer = loop.schedule(System.nanoTime() + GAP_NANOS, this::ask);
    }

    private void onReadable() {
        int length = socket.receive(datagram);
        if (length >= 0 && ControlCodec.decode(datagram.buffer(), length) instanceof UsageReply reply) {
            answers.accept(reply.load());
        }
    }

    @Override
    public void close() {
        if (timer != null) {
            timer.cancel();
        }
        loop.unwatch(socket.fd());
        socket.close();
    }
}
