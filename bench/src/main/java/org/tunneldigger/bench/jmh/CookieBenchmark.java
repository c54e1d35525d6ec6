// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.bench.jmh;

import java.security.SecureRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.tunneldigger.handshake.CookieMint;
import org.tunneldigger.protocol.Endpoint;

/** What a stranger's packet may cost: making a cookie, and looking whether one is ours. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class CookieBenchmark {
    private final CookieMint mint = new CookieMint(new SecureRandom(), 0);
    private final Endpoint broker = Endpoint.v4(0xC0000201, 8942);
    private final Endpoint client = Endpoint.v6(0x2001_0DB8_0000_0000L, 1, 0, 40_000);

    @Benchmark
    public long mint() {
        return mint.mint(client, broker, 1);
    }

    /** The same work, whatever the cookie. */
    @Benchmark
    public boolean accept() {
        return mint.accepts(1, client, broker, 1);
    }
}
