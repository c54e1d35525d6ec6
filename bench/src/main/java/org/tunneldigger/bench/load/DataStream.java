// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.bench.load;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.tunneldigger.loop.EventLoop;
import org.tunneldigger.nativeio.OutgoingBatch;

/**
 * Sends data packets at a rate, in turn through the sessions that are up when it starts: Ethernet frames from nobody to nobody, of a
 * type for experiments (IEEE 802, 88B5), which no host answers. Of the loop's thread.
 */
final class DataStream {
    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final int BATCH = 64;
    private static final int HEADER_SIZE = 12;
    private static final int DATA_MESSAGE = 0x0003_0000;

    private final EventLoop loop;
    private final List<LoadClient> clients;
    private final int rate;
    private final int datagramLength;
    private final OutgoingBatch batch;
    private final long startNanos = System.nanoTime();
    private int next;
    private long due;
    private long sent;
    private boolean stopped;

    /**
     * @param rate packets a second, through all together
     * @param frameLength bytes of the Ethernet frame, 14 or more
     */
    DataStream(EventLoop loop, List<LoadClient> clients, int rate, int frameLength) {
        this.loop = loop;
        this.clients = clients;
        this.rate = rate;
        this.datagramLength = HEADER_SIZE + frameLength;
        this.batch = new OutgoingBatch(BATCH, datagramLength);
    }

    void start() {
        if (!clients.isEmpty()) {
            tick();
        }
    }

    void stop() {
        stopped = true;
    }

    void tell(Figures figures) {
        figures.count("data-packets-due", due);
        figures.count("data-packets-sent", sent);
        figures.count("data-bytes-sent", sent * (datagramLength - HEADER_SIZE));
    }

    private void tick() {
        if (stopped) {
            return;
        }
        long nowNanos = System.nanoTime();
        long dueNow = (long) ((nowNanos - startNanos) / 1e9 * rate);
        // Fewer sessions a tick with more packets each: one call for each of them.
        while (due < dueNow) {
            int count = (int) Math.min(BATCH, dueNow - due);
            send(clients.get(next), count);
            next = (next + 1) % clients.size();
            due += count;
        }
        loop.schedule(nowNanos + TICK_NANOS, this::tick);
    }

    private void send(LoadClient client, int count) {
        if (!client.isUp()) {
            return;
        }
        batch.clear();
        for (int i = 0; i < count; i++) {
            ByteBuffer packet = batch.next();
            // destination and source are locally administered addresses
            packet.clear().putInt(DATA_MESSAGE).putInt((int) client.tunnelId()).putInt(0);
            packet.putInt(0x0200_0000).putShort((short) 1).putInt(0x0200_0000).putShort((short) 2);
            packet.putShort((short) 0x88B5).position(0).limit(datagramLength);
            batch.add(null, null);
        }
        sent += Math.max(0, client.socket().send(batch, 0));
    }
}
