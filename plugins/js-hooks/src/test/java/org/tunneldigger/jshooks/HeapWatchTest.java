// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.jshooks;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.tunneldigger.testing.SampleSessions;
import org.tunneldigger.testing.TestContext;

/** What becomes of a script's variables when memory is short. */
class HeapWatchTest {
    @Test
    void aScriptGivesBackWhatItHoldsAndNotAgainAtOnce() throws Exception {
        AtomicBoolean full = new AtomicBoolean();
        AtomicInteger collections = new AtomicInteger();
        HeapWatch heap = new HeapWatch() {
            @Override
            public boolean nearlyFull() {
                return full.get();
            }

            @Override
            public void collect() {
                collections.incrementAndGet();
            }
        };
        CallLimits limits = new CallLimits(Duration.ofSeconds(10), Duration.ofSeconds(10), 1L << 30);
        try (TestContext context = TestContext.of("js-hooks", Map.of());
                Sandbox sandbox = new Sandbox()) {
            ScriptHost host =
                    new ScriptHost(limits, new NetworkVerbs(context.network()), Map.of(), heap, context.logger());
            ScriptSource source = new ScriptSource("a.js", "let calls = 0; on('session.up', e => log.info(++calls))");
            Script script = Script.load(sandbox, host, ScriptFigures.of(context.metrics()), source);
            for (boolean fullThen : new boolean[] {false, true, true, false}) {
                full.set(fullThen);
                script.call(
                        HookName.SESSION_UP, EventFields.of(SampleSessions.up("l2tp100-100", 1446)), Answers::ignored);
            }
            assertThat(context.logger().lines())
                    .containsExactly(
                            "INFO a.js: 1",
                            "INFO a.js: 2",
                            "WARN a.js: its variables are dropped, the JVM's memory is nearly full",
                            "INFO a.js: 1",
                            "INFO a.js: 2");
            assertThat(collections).hasValue(1);
            script.close();
        }
    }

    @Test
    void thisJvmTellsAndIsNotFull() {
        HeapWatch heap = HeapWatch.ofThisJvm();
        heap.collect();
        assertThat(heap.nearlyFull()).isFalse();
    }
}
