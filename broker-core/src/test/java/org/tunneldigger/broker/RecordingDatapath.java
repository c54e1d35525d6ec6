// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.broker;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.tunneldigger.datapath.Datapath;
import org.tunneldigger.datapath.DatapathKind;
import org.tunneldigger.datapath.DropCounters;
import org.tunneldigger.datapath.TunnelInterface;
import org.tunneldigger.datapath.TunnelSpec;
import org.tunneldigger.nativeio.NativeException;
import org.tunneldigger.nativeio.OffHeap;
import org.tunneldigger.nativeio.UdpSocket;

/** A datapath that moves nothing and notes everything; may be told to fail. Read it from any thread. */
final class RecordingDatapath implements Datapath {
    final List<String> events = Collections.synchronizedList(new ArrayList<>());
    volatile @Nullable NativeException nextFailure;

    /** A defect of the next opening. */
    volatile @Nullable Error nextDefect;

    /** Until it is at zero, openings hang as in a kernel whose lock another holds. */
    volatile CountDownLatch mayOpen = new CountDownLatch(0);

    /** How long each opening takes. */
    volatile int openMillis;

    private final AtomicInteger open = new AtomicInteger();

    int open() {
        return open.get();
    }

    @Override
    public DatapathKind kind() {
        return DatapathKind.TAP;
    }

    @Override
    public TunnelInterface open(TunnelSpec spec, UdpSocket connectedSocket) throws NativeException {
        events.add("opening " + spec.tunnelId());
        awaitQuietly(mayOpen, openMillis);
        Error defect = nextDefect;
        if (defect != null) {
            nextDefect = null;
            throw defect;
        }
        NativeException failure = nextFailure;
        if (failure != null) {
            nextFailure = null;
            events.add("failed " + spec.tunnelId());
            throw failure;
        }
        events.add("open " + spec.interfaceName() + " mtu " + spec.mtu());
        open.incrementAndGet();
        connectedSocket.receiveTrains();
        return new RecordingTunnel(spec);
    }

    private static void awaitQuietly(CountDownLatch latch, int millis) {
        try {
            latch.await();
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void removeLeftovers(int firstId, int count) {
        events.add("leftovers " + firstId + " " + count);
    }

    @Override
    public DropCounters drops() {
        return new DropCounters();
    }

    @Override
    public void close() {}

    private final class RecordingTunnel implements TunnelInterface {
        private final TunnelSpec spec;
        private boolean held;

        RecordingTunnel(TunnelSpec spec) {
            this.spec = spec;
        }

        @Override
        public String name() {
            return spec.interfaceName();
        }

        @Override
        public int index() {
            return spec.tunnelId();
        }

        @Override
        public void setMtu(int mtu) {
            events.add("mtu " + spec.tunnelId() + " " + mtu);
        }

        @Override
        public void limitBandwidth(long kbitPerSecond) {
            events.add("limit " + spec.tunnelId() + " " + kbitPerSecond);
        }

        @Override
        public void limitUpstream(long bytesPerSecond) {
            events.add("upstream " + spec.tunnelId() + " " + bytesPerSecond);
        }

        @Override
        public int readableFd() {
            return -1;
        }

        @Override
        public int onReadable() {
            return 0;
        }

        @Override
        public void deliver(OffHeap memory, int offset, int length) {
            events.add("data " + spec.tunnelId() + " " + length);
            held = true;
        }

        @Override
        public void flush() {
            if (held) {
                events.add("flush " + spec.tunnelId());
                held = false;
            }
        }

        @Override
        public void close() {
            events.add("close " + spec.tunnelId());
            open.decrementAndGet();
        }
    }
}
