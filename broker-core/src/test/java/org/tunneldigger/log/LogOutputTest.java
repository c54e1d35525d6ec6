// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

class LogOutputTest {
    private final Logger log = LoggerFactory.getLogger("test.log.output");
    private final LogCapture captured = new LogCapture();

    @AfterEach
    void restore() {
        captured.close();
        LogOutput.PROCESS.from(Level.INFO);
        LogOutput.PROCESS.unlimit("test.log");
        LogOutput.PROCESS.unlimit("test.log.output");
    }

    @Test
    void aLineHasTimeLevelAndText() {
        log.info("session {} of {}: {}", 1, "x", true);
        assertThat(captured.lines())
                .singleElement()
                .asString()
                .matches(
                        "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}(Z|[+-]\\d\\d:\\d\\d) INFO session 1 of x: true");
        String time = captured.lines().get(0).split(" ")[0];
        assertThat(Duration.between(OffsetDateTime.parse(time), OffsetDateTime.now()))
                .isBetween(Duration.ofMillis(-1), Duration.ofMinutes(1));
    }

    @Test
    void timesOfLaterLinesGoOn() throws InterruptedException {
        OffsetDateTime last = OffsetDateTime.MIN;
        for (int i = 0; i < 25; i++) {
            log.info("tick");
            Thread.sleep(50); // over a second in all
        }
        for (String line : captured.lines()) {
            OffsetDateTime time = OffsetDateTime.parse(line.split(" ")[0]);
            assertThat(time).isAfter(last);
            last = time;
        }
    }

    @Test
    void theStackTraceFollows() {
        log.warn("something", new IllegalStateException("because"));
        assertThat(captured.complaints()).startsWith("WARNING something", "java.lang.IllegalStateException: because");
        assertThat(captured.lines()).hasSizeGreaterThan(3).allMatch(line -> !line.isEmpty());
    }

    @Test
    @Timeout(20)
    void aThrowableThatHangsKeepsNobodyElseWaiting() throws InterruptedException {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        Thread hung = new Thread(() -> log.warn("mine", new IllegalStateException() {
            private static final long serialVersionUID = 1;

            @Override
            public String toString() {
                asked.countDown();
                try {
                    end.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                return "late";
            }
        }));
        hung.start();
        asked.await();
        Thread other = new Thread(() -> log.info("another's"));
        other.start();
        other.join(5_000); // a lock that is held could not be interrupted
        boolean kept = other.isAlive();
        end.countDown();
        hung.join();
        other.join();
        assertThat(kept).as("kept waiting").isFalse();
        assertThat(captured.lines().get(0)).endsWith("INFO another's");
        assertThat(captured.complaints()).startsWith("WARNING mine", "late");
    }

    @Test
    void aThrowableThatCannotBePrintedIsNamed() {
        log.warn("mine", new IllegalStateException() {
            private static final long serialVersionUID = 1;

            @Override
            public String toString() {
                throw new LinkageError("on purpose");
            }
        });
        assertThat(captured.lines()).hasSize(2);
        assertThat(captured.lines().get(0)).endsWith("WARNING mine");
        assertThat(captured.lines().get(1))
                .startsWith(getClass().getName() + "$")
                .endsWith(" could not be printed: java.lang.LinkageError");
    }

    @Test
    void nothingBelowTheThresholdIsWritten() {
        LogOutput.PROCESS.from(Level.WARN);
        log.info("no");
        log.warn("yes");
        log.error("as well");
        assertThat(captured.complaints()).containsExactly("WARNING yes", "ERROR as well");
        assertThat(captured.lines()).hasSize(2);
        LogOutput.PROCESS.from(Level.TRACE);
        log.trace("now");
        assertThat(captured.lines()).hasSize(3).last().asString().endsWith("DEBUG now");
        LogOutput.PROCESS.from(null);
        log.error("no");
        assertThat(captured.lines()).hasSize(3);
        assertThat(log.isErrorEnabled()).isFalse();
    }

    @Test
    void aLimitHoldsForALoggerAndThoseBelowIt() {
        LogOutput.PROCESS.limit("test.log", Level.WARN);
        log.info("no");
        log.warn("yes");
        LoggerFactory.getLogger("test.logger").info("a neighbour");
        LogOutput.PROCESS.limit("test.log.output", null);
        log.error("no");
        LoggerFactory.getLogger("test.log").error("above");
        assertThat(captured.lines())
                .extracting(line -> line.split(" ", 2)[1])
                .containsExactly("WARNING yes", "INFO a neighbour", "ERROR above");
    }

    @Test
    void textThatIsNoPatternStaysAsItIs() {
        log.info("a {} b");
        log.info("{}", "c {} d");
        assertThat(captured.lines()).extracting(line -> line.split(" ", 3)[2]).containsExactly("a {} b", "c {} d");
    }
}
