// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.execscripts;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.tunneldigger.testing.TestContext;

/** The log's share for scripts. */
class OutputBudgetTest {
    private final TestContext context = TestContext.of("exec-scripts", Map.of());
    private final AtomicLong nowNanos = new AtomicLong(Long.MAX_VALUE - 5);
    private final OutputBudget budget =
            new OutputBudget(context.logger(), context.metrics().counter("left_out", ""), nowNanos::get);

    @Test
    void whatIsTooMuchInAWindowIsCountedAndToldInTheNext() {
        for (int i = 0; i < OutputBudget.MAX_LINES + 7; i++) {
            budget.log("title", "line " + i);
        }
        assertThat(context.logger().lines())
                .hasSize(OutputBudget.MAX_LINES)
                .endsWith("INFO title: line " + (OutputBudget.MAX_LINES - 1));
        assertThat(context.metrics().count("left_out")).isEqualTo(7);
        nowNanos.addAndGet(TimeUnit.SECONDS.toNanos(OutputBudget.WINDOW_SECONDS));
        budget.log("title", "next");
        assertThat(context.logger().lines())
                .hasSize(OutputBudget.MAX_LINES + 2)
                .endsWith(
                        "WARN 7 lines of scripts' output not logged, as they printed more than 1000 in 10 s",
                        "INFO title: next");
    }
}
