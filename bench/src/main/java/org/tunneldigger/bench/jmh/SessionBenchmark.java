// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.bench.jmh;

import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.Blackhole;
import org.tunneldigger.protocol.ControlMessage.Keepalive;
import org.tunneldigger.protocol.ControlMessage.PmtudAck;
import org.tunneldigger.protocol.ControlMessage.Prepare;
import org.tunneldigger.session.Effect;
import org.tunneldigger.session.PmtuProfile;
import org.tunneldigger.session.Session;
import org.tunneldigger.session.SessionSpec;

/** Steps of a session's state machine; nothing is sent. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class SessionBenchmark {
    private static final PmtuProfile PROFILE = PmtuProfile.IPV4;

    private final Random random = new Random(1);
    private final SessionSpec spec =
            new SessionSpec(100, new Prepare(1, "node", OptionalLong.of(7), OptionalLong.of(1)), PROFILE, 0);
    private final Session living = new Session(spec, 0, random);
    private final Keepalive keepalive = new Keepalive(1, 4);

    @Benchmark
    public List<Effect> keepalive() {
        return living.onMessage(keepalive, 1);
    }

    /** A new session's first burst of probes, the largest and then all, with an acknowledgement of each but that, and the decision. */
    @Benchmark
    public void pathMtuBurst(Blackhole effects) {
        Session session = new Session(spec, 0, random);
        long nowNanos = session.deadlineNanos();
        effects.consume(session.onTimer(nowNanos));
        nowNanos = session.deadlineNanos();
        effects.consume(session.onTimer(nowNanos));
        for (int size : PROFILE.probeSizes()) {
            if (size < PROFILE.largestProbe()) {
                effects.consume(session.onMessage(new PmtudAck(PROFILE.datagramLength(size)), nowNanos));
            }
        }
        effects.consume(session.onTimer(session.deadlineNanos()));
    }
}
