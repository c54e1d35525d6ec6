// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.jshooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tunneldigger.api.hook.HookFailedException;

/** Scripts that don't end, or take all memory. Each time the next call works again. */
class RunawayTest {
    @TempDir
    Path folder;

    private JsFixture js;

    @BeforeEach
    void open() {
        js = new JsFixture(folder).with("timeout", "0.5");
    }

    @AfterEach
    void close() {
        js.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "while (true) {}",
                "for (;;) { try { while (true) {} } catch (error) {} finally { while (true) {} } }",
                "/^(a*)*\\1$/.test('a'.repeat(50) + 'b')",
                "[3, 2, 1].sort(() => { while (true) {} })",
                "(function again() { Promise.resolve().then(again) })()",
                "(function* () { while (true) yield 1 })().toArray()",
                "JSON.stringify({ toJSON() { while (true) {} } })",
                "new Proxy({}, { get() { while (true) {} } }).x",
                "eval('while (true) {}')",
                "for (const x of { [Symbol.iterator]: () => ({ next: () => ({ done: false }) }) }) {}",
                "while (true) log.debug.name",
            })
    void isStoppedAndCallableAgain(String code) throws Exception {
        js.with("max_allocation", "65536")
                .script(
                        "a.js",
                        "let calls = 0",
                        "on('session.up', e => { calls++; " + code + " })",
                        "on('session.authorize', e => 'calls ' + calls)");
        js.script("b.js", "on('session.up', e => log.info('other'))");
        js.start();
        Throwable stopped = catchThrowable(js::up);
        assertThat(stopped).isInstanceOf(TimeoutException.class).hasMessage("a.js: session.up stopped after 500 ms");
        assertThat(js.log()).contains("INFO b.js: other");
        assertThat(js.count("calls_over_time")).isEqualTo(1);
        // loaded anew: its variables are as at first
        assertThat(js.authorize("u").toString()).contains("a.js: calls 0");
        assertThat(js.context().metrics().gauge("stuck_threads")).isZero();
        assertThat(js.count("loads")).isEqualTo(3);
    }

    @Test
    void isStoppedAlsoWhileItIsLoaded() throws Exception {
        js.with("load_timeout", "1");
        js.script("a.js", "while (true) {}").script("b.js", "on('session.up', e => log.info('other'))");
        js.start().up();
        assertThat(js.log())
                .contains("ERROR a.js: while it was loaded: stopped after 1000 ms; not loaded", "INFO b.js: other");
    }

    @Test
    void recursionIsAnErrorOfTheScript() throws Exception {
        js.with("timeout", "20");
        js.script("a.js", "let calls = 0; on('session.up', e => { calls++; (function f() { return f() + 1 })() })");
        js.start();
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(js::up)
                    .isInstanceOf(HookFailedException.class)
                    .hasMessageContaining("RangeError: Maximum call stack size exceeded");
        }
        assertThat(js.count("loads")).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "const all = []; while (true) all.push(new Array(1e5).fill(1))",
                "let text = 'x'; while (true) { text += text + calls; text.charCodeAt(5) }",
                "const all = new Map(); for (let i = 0; ; i++) all.set(i, {i})",
                "const all = []; while (true) all.push(new Uint8Array(1e6))",
            })
    void isStoppedWhenItAllocatesTooMuch(String code) throws Exception {
        js.with("timeout", "20").with("max_allocation", "32");
        js.script("a.js", "let calls = 0; on('session.up', e => { calls++; " + code + " })");
        js.script("b.js", "on('session.up', e => log.info('other'))");
        js.start();
        for (int i = 1; i <= 3; i++) {
            assertThatThrownBy(js::up).isInstanceOf(HookFailedException.class).hasMessageStartingWith("a.js: ");
            assertThat(js.count("calls_over_allocation") + js.count("calls_failed") + js.count("calls_out_of_memory"))
                    .isEqualTo(i);
        }
        assertThat(js.count("calls_over_time")).isZero();
        assertThat(js.log()).contains("INFO b.js: other");
    }

    /** Arithmetic of huge numbers is one step of the engine, which looks for no interruption meanwhile. */
    @Test
    void whatCannotBeStoppedIsLeftBehind() throws Exception {
        js.with("timeout", "0.2").with("max_allocation", "65536");
        js.script(
                "a.js",
                "const n = 3n ** 100000n",
                "on('session.up', e => { return n ** 600n })",
                "on('session.authorize', e => 'no')");
        js.start();
        for (int stuck = 1; stuck <= 3; stuck++) {
            long beginNanos = System.nanoTime();
            assertThat(catchThrowable(js::up)).isInstanceOf(TimeoutException.class);
            // 0.2 s for the call, 0.3 s for its end, and slack
            assertThat(Duration.ofNanos(System.nanoTime() - beginNanos)).isLessThan(Duration.ofSeconds(5));
            assertThat(js.context().metrics().gauge("stuck_threads")).isEqualTo(stuck);
        }
        assertThatThrownBy(() -> js.authorize("u")).hasMessage("a.js: not called, 3 calls of it could not be stopped");
        // a changed script has another chance
        js.script("a.js", "on('session.authorize', e => 'no')");
        JsFixture.until(() -> js.count("loads") == 4);
        assertThat(js.authorize("u").toString()).contains("no");
    }

    @Test
    void aSlowScriptHoldsNobodyForLong() throws Exception {
        js.with("timeout", "0.3");
        js.script("a.js", "on('session.up', e => { while (true) {} })");
        js.script("b.js", "on('session.authorize', e => 'no')");
        js.start();
        List<FutureTask<Throwable>> workers = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            FutureTask<Throwable> worker = new FutureTask<>(() -> catchThrowable(js::up));
            new Thread(worker).start();
            workers.add(worker);
        }
        assertThat(js.authorize("u").toString()).contains("no");
        for (FutureTask<Throwable> worker : workers) {
            // 0.3 s for the turn, 0.3 s for the call, 0.3 s for the end of it, and slack
            assertThat(worker.get(5, TimeUnit.SECONDS)).isInstanceOf(TimeoutException.class);
        }
        assertThat(js.count("calls_over_time") + js.count("calls_without_turn")).isEqualTo(16);
        assertThat(js.count("calls_without_turn")).isPositive();
    }

    @Test
    void aCallThatTheBrokerCutsOffEnds() throws Exception {
        js.with("timeout", "60");
        js.script("a.js", "on('session.up', e => { log.info('in'); while (true) {} })");
        js.script("b.js", "on('session.up', e => log.info('other'))");
        js.start();
        FutureTask<Throwable> call = new FutureTask<>(() -> catchThrowable(js::up));
        Thread worker = new Thread(call);
        worker.start();
        JsFixture.until(() -> js.log().contains("INFO a.js: in"));
        worker.interrupt();
        assertThat(call.get(10, TimeUnit.SECONDS)).isInstanceOf(InterruptedException.class);
        JsFixture.until(() -> Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().equals("js-a.js")));
    }
}
