// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.event.Level;
import org.tunneldigger.log.LogOutput;
import org.tunneldigger.nativeio.TestNamespace;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/** The command from its arguments to its exit status, in this process. */
class MainTest {
    private static final Signal TERM = new Signal("TERM");
    private static final Signal INT = new Signal("INT");

    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @TempDir
    Path folder;

    @AfterEach
    void restoreLog() {
        LogOutput.PROCESS.to(null);
        LogOutput.PROCESS.from(Level.INFO);
    }

    @ParameterizedTest
    @ValueSource(strings = {"CRITICAL", "FATAL"})
    void saysWhyAStartFailedThoughTheLogIsOff(String verbosity) throws Exception {
        assertThat(run("[broker]", "interface = td-none", "[log]", "verbosity = " + verbosity))
                .isEqualTo(Main.CANNOT_START);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .startsWith("ERROR cannot start: there is no interface td-none; ")
                .hasLineCount(1);
    }

    @Test
    void saysWhichPortWasTaken() throws Exception {
        try (DatagramSocket other = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            int status = keepingSignals(() -> run(
                    "[broker]", "address = 127.0.0.1", "port = " + other.getLocalPort(), "[log]", "verbosity = FATAL"));
            assertThat(status).isEqualTo(Main.CANNOT_START);
            assertThat(err.toString(StandardCharsets.UTF_8))
                    .contains("bind 127.0.0.1:" + other.getLocalPort() + ": EADDRINUSE");
        }
    }

    @Test
    @Timeout(30)
    void aSignalThatFollowsReadyAtOnceIsAnOrderlyStop() throws Exception {
        CountDownLatch unheard = new CountDownLatch(1);
        CountDownLatch ready = new CountDownLatch(1);
        PrintStream sender = new OnReady(() -> {
            ready.countDown();
            Signal.raise(TERM);
            try {
                // time for it to meet whatever handler there is now
                assertThat(unheard.await(300, TimeUnit.MILLISECONDS)).isFalse();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        try (TestNamespace namespace = TestNamespace.create()) {
            int status = keepingSignals(() -> {
                Signal.handle(TERM, signal -> unheard.countDown());
                return namespace.call(() -> run(sender, "[broker]", "address = 127.0.0.1", "datapath = tap"));
            });
            assertThat(status).isEqualTo(Main.OK);
            assertThat(ready.getCount()).isZero();
        }
    }

    private int run(String... lines) {
        return run(new PrintStream(err, true, StandardCharsets.UTF_8), lines);
    }

    private int run(PrintStream stream, String... lines) {
        Path config = folder.resolve("broker.cfg");
        try {
            Files.writeString(config, String.join("\n", lines));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Main.run(new CommandLine.Serve(config), stream, stream);
    }

    /** The broker takes the signals over for good; the tests' process wants them back. */
    private static int keepingSignals(Body body) throws Exception {
        SignalHandler term = Signal.handle(TERM, SignalHandler.SIG_DFL);
        SignalHandler interrupt = Signal.handle(INT, SignalHandler.SIG_DFL);
        try {
            return body.run();
        } finally {
            Signal.handle(TERM, term);
            Signal.handle(INT, interrupt);
        }
    }

    private interface Body {
        int run() throws Exception;
    }

    /** Calls back within the line that says "ready". */
    private static final class OnReady extends PrintStream {
        private final Runnable action;

        OnReady(Runnable action) {
            super(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8);
            this.action = action;
        }

        @Override
        public void write(byte[] bytes, int from, int length) {
            if (new String(bytes, from, length, StandardCharsets.UTF_8).contains(" ready: ")) {
                action.run();
            }
        }
    }
}
