// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.broker;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullMarked;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.tunneldigger.api.event.Datapath;
import org.tunneldigger.api.event.SessionInfo;
import org.tunneldigger.api.event.SessionProfile;
import org.tunneldigger.datapath.TunnelInterface;
import org.tunneldigger.hooks.HookDispatcher;
import org.tunneldigger.hooks.HookLimits;
import org.tunneldigger.loop.EventLoop;
import org.tunneldigger.nativeio.OffHeap;
import org.tunneldigger.nativeio.UdpSocket;
import org.tunneldigger.protocol.ControlMessage.Prepare;
import org.tunneldigger.protocol.Endpoint;
import org.tunneldigger.session.IdPool;
import org.tunneldigger.session.PmtuProfile;
import org.tunneldigger.session.Session;
import org.tunneldigger.session.SessionSpec;

/** Whose packet is it? The look-up of each datagram by its flow, in this package because the table is nobody else's business. */
@NullMarked
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class SessionTableBenchmark {
    private static final Endpoint BROKER = Endpoint.v4(0xC0000201, 8942);

    @Param({"1", "16", "256", "4096"})
    public int sessions = 1;

    private final SessionTable table = new SessionTable();
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final HookDispatcher hooks = new HookDispatcher(List.of(), HookLimits.defaults());
    private int next;

    @Setup
    public void fill() throws IOException {
        EventLoop loop = new EventLoop();
        opened.add(loop);
        UdpSocket socket = UdpSocket.open(false);
        opened.add(socket);
        BrokerCounters counters = new BrokerCounters();
        SessionContext context =
                new SessionContext(loop, table, new IdPool(100, 5000), new ControlSender(counters), counters, () -> {});
        for (int i = 0; i < sessions; i++) {
            SessionSpec spec = new SessionSpec(
                    100 + i, new Prepare(1, "node", OptionalLong.of(7), OptionalLong.of(1)), PmtuProfile.IPV4, 0);
            table.add(new LiveSession(
                    new Session(spec, 0, new Random(1)),
                    flow(i),
                    socket,
                    new NoInterface(),
                    hooks.openLane(info(spec)),
                    SessionProfile.none(),
                    context));
        }
    }

    /** A datagram's flow, made as for each datagram, of one session after the other. */
    @Benchmark
    public Object find() {
        next = next + 1 == sessions ? 0 : next + 1;
        LiveSession found = table.find(flow(next));
        return found == null ? this : found;
    }

    /** A stranger's. */
    @Benchmark
    public boolean findNobody() {
        next = next + 1 == sessions ? 0 : next + 1;
        return table.find(flow(sessions + next)) == null;
    }

    /** Clients of sixteen addresses, behind each of them many ports. */
    private static Flow flow(int client) {
        return new Flow(Endpoint.v4(0x0A000000 + client % 16, 32_768 + client / 16), BROKER);
    }

    private static SessionInfo info(SessionSpec spec) {
        InetSocketAddress nowhere = BROKER.toSocketAddress();
        return new SessionInfo(
                spec.tunnelId(),
                spec.sessionId(),
                spec.interfaceName(),
                nowhere,
                nowhere,
                spec.uuid(),
                Datapath.TAP,
                Set.of(),
                SessionProfile.none(),
                Instant.EPOCH);
    }

    @TearDown
    public void close() throws Exception {
        hooks.close();
        for (AutoCloseable each : opened) {
            each.close();
        }
    }

    private static final class NoInterface implements TunnelInterface {
        @Override
        public String name() {
            return "none";
        }

        @Override
        public int index() {
            return 0;
        }

        @Override
        public void setMtu(int mtu) {}

        @Override
        public void limitBandwidth(long kbitPerSecond) {}

        @Override
        public void limitUpstream(long bytesPerSecond) {}

        @Override
        public int readableFd() {
            return -1;
        }

        @Override
        public int onReadable() {
            return 0;
        }

        @Override
        public void deliver(OffHeap memory, int offset, int length) {}

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }
}
