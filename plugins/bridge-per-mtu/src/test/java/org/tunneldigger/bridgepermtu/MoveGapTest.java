// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.bridgepermtu;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tunneldigger.nativeio.IoVector;
import org.tunneldigger.nativeio.OffHeap;
import org.tunneldigger.nativeio.TapDevice;
import org.tunneldigger.nativeio.VirtioHeader;
import org.tunneldigger.testing.KernelFixture;

/** For how long a tunnel carries nothing while it moves: a client that asks for the broker's hardware address all the time. */
class MoveGapTest {
    /** What a busy machine may take. */
    private static final long GENEROUS_NANOS = 2_000_000_000L;

    private static final int ARP_OPERATION_AT = 20;
    private static final int SENDER_ADDRESS_AT = 28;

    private BridgeFixture fixture;
    private KernelFixture kernel;

    @BeforeEach
    void createNamespaces() throws Exception {
        fixture = new BridgeFixture();
        kernel = fixture.kernel;
    }

    @AfterEach
    void deleteNamespaces() throws Exception {
        fixture.close();
    }

    @Test
    void theGapIsShortAndTheAnswersComeFromOneAddress() throws Exception {
        fixture.start(Map.of("address", "10.254.0.2/16", "precreate", "1446, 1396", "rule_table", "42"));
        AtomicBoolean end = new AtomicBoolean();
        TapDevice[] opened = new TapDevice[1];
        kernel.inBroker(() -> opened[0] = TapDevice.open("td-tap"));
        try (TapDevice tap = opened[0]) {
            fixture.up("td-tap", 1446);
            Asker asker = new Asker(tap, end);
            Thread thread = new Thread(asker);
            thread.start();
            asker.awaitAnswers(20);
            int moves = 20;
            long[] gapsNanos = new long[moves];
            for (int i = 0; i < moves; i++) {
                int from = i % 2 == 0 ? 1446 : 1396;
                asker.longestGapNanos = 0;
                fixture.move("td-tap", from, 1446 + 1396 - from);
                asker.awaitAnswers(asker.answers + 10);
                gapsNanos[i] = asker.longestGapNanos;
            }
            Arrays.sort(gapsNanos);
            end.set(true);
            thread.join(10_000);
            assertThat(asker.hardwareAddresses).isEqualTo(1);
            assertThat(fixture.context().metrics().count("moves")).isEqualTo(moves);
            double moveSeconds = fixture.context().metrics().gauge("longest_move_seconds");
            assertThat(moveSeconds).isBetween(1e-6, GENEROUS_NANOS / 1e9);
            System.out.printf(
                    "%d moves: carried nothing for %.2f ms (median), %.2f ms (longest); longest call %.2f ms%n",
                    moves, gapsNanos[moves / 2] / 1e6, gapsNanos[moves - 1] / 1e6, moveSeconds * 1e3);
            assertThat(gapsNanos[moves - 1]).isLessThan(GENEROUS_NANOS);
        }
    }

    /** Asks, and looks at the answers. */
    private static final class Asker implements Runnable {
        private final TapDevice tap;
        private final AtomicBoolean end;
        private final OffHeap asked = new OffHeap(VirtioHeader.SIZE + 60);
        private final IoVector question = new IoVector(1);
        private final OffHeap received = new OffHeap(2048);
        private final ByteBuffer answer =
                received.network().slice(VirtioHeader.SIZE, received.size() - VirtioHeader.SIZE);
        private volatile int answers;
        private volatile long longestGapNanos;
        private volatile int hardwareAddresses;

        Asker(TapDevice tap, AtomicBoolean end) {
            this.tap = tap;
            this.end = end;
            question.add(asked, 0, asked.size());
            ByteBuffer request = asked.network().slice(VirtioHeader.SIZE, 60);
            request.putShort(0, (short) -1).putInt(2, -1); // to all
            request.putInt(6, 0x02005E00).putShort(10, (short) 0x5301); // from 02:00:5e:00:53:01
            request.putShort(12, (short) 0x0806); // ARP
            request.putShort(14, (short) 1).putShort(16, (short) 0x0800).putShort(18, (short) 0x0604);
            request.putShort(ARP_OPERATION_AT, (short) 1);
            request.putInt(22, 0x02005E00).putShort(26, (short) 0x5301);
            request.putInt(SENDER_ADDRESS_AT, 0x0AFE0101).putInt(38, 0x0AFE0002);
        }

        @Override
        public void run() {
            long lastNanos = System.nanoTime();
            long hardwareAddress = 0;
            while (!end.get()) {
                tap.write(question); // while it moves: EIO
                while (tap.read(received, 0, received.size()) > 0) {
                    if (answer.getShort(12) != 0x0806
                            || answer.getShort(ARP_OPERATION_AT) != 2
                            || answer.getInt(SENDER_ADDRESS_AT) != 0x0AFE0002) {
                        continue;
                    }
                    long nowNanos = System.nanoTime();
                    if (answers > 0) {
                        longestGapNanos = Math.max(longestGapNanos, nowNanos - lastNanos);
                    }
                    lastNanos = nowNanos;
                    long from = answer.getLong(6) >>> 16;
                    if (from != hardwareAddress) {
                        hardwareAddress = from;
                        hardwareAddresses++;
                    }
                    answers++;
                }
                Thread.onSpinWait();
            }
        }

        void awaitAnswers(int count) throws InterruptedException {
            long deadlineNanos = System.nanoTime() + 10_000_000_000L;
            while (answers < count) {
                assertThat(System.nanoTime() - deadlineNanos)
                        .as("answers: " + answers)
                        .isNegative();
                Thread.sleep(1);
            }
        }
    }
}
