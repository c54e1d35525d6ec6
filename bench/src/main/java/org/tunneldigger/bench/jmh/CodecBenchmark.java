// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.bench.jmh;

import java.nio.ByteBuffer;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.tunneldigger.protocol.ControlCodec;
import org.tunneldigger.protocol.ControlMessage;
import org.tunneldigger.protocol.ControlMessage.Cookie;
import org.tunneldigger.protocol.ControlMessage.Keepalive;
import org.tunneldigger.protocol.ControlMessage.Pmtud;
import org.tunneldigger.protocol.ControlMessage.Prepare;
import org.tunneldigger.protocol.Decoded;

/** Bytes to a message and back, in a direct buffer as sockets need it. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class CodecBenchmark {
    /** What a stranger sends, a client that connects, one that has a tunnel, and the longest that there is. */
    @Param({"COOKIE", "PREPARE", "KEEPALIVE", "PROBE"})
    public String kind = "COOKIE";

    private ControlMessage message = new Cookie(0);
    private final ByteBuffer encoded = ByteBuffer.allocateDirect(2048);
    private final ByteBuffer out = ByteBuffer.allocateDirect(2048);

    @Setup
    public void encodeOnce() {
        message = switch (kind) {
            case "COOKIE" -> new Cookie(0x0123_4567_89AB_CDEFL);
            case "PREPARE" ->
                new Prepare(1, "a-router-with-a-name-of-36-characters", OptionalLong.of(7), OptionalLong.of(1));
            case "KEEPALIVE" -> new Keepalive(1, 4);
            case "PROBE" -> new Pmtud(1472);
            default -> throw new IllegalArgumentException(kind);
        };
        ControlCodec.encode(message, encoded);
    }

    @Benchmark
    public Decoded decode() {
        return ControlCodec.decode(encoded, encoded.limit());
    }

    @Benchmark
    public ByteBuffer encode() {
        ControlCodec.encode(message, out);
        return out;
    }
}
