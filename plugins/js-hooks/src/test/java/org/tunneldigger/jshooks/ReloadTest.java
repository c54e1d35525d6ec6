// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.jshooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tunneldigger.testing.TestContext;

/** Files that change while the plugin runs. */
class ReloadTest {
    @TempDir
    Path folder;

    private JsFixture js;

    @BeforeEach
    void open() {
        js = new JsFixture(folder);
    }

    @AfterEach
    void close() {
        js.close();
    }

    private static String[] saying(String word) {
        return new String[] {"let calls = 0", "on('session.up', e => log.info('" + word + "', ++calls))"};
    }

    private void reloaded(int times) throws Exception {
        JsFixture.until(() -> js.count("loads") == times);
        JsFixture.until(
                () -> js.log().stream().filter(line -> line.contains("loaded")).count() >= times);
    }

    @Test
    void takesAChangedFileAndNoOther() throws Exception {
        js.script("a.js", saying("one")).script("b.js", saying("other")).start();
        js.up();
        js.script("a.js", saying("two"));
        reloaded(3);
        js.up();
        assertThat(js.log())
                .containsSubsequence(
                        "INFO a.js: one 1",
                        "INFO b.js: other 1",
                        "INFO a.js: loaded again, it has changed",
                        "INFO a.js: two 1",
                        "INFO b.js: other 2");
    }

    @Test
    void goesOnWithTheOldWhenTheNewIsBroken() throws Exception {
        js.script("a.js", saying("one")).start();
        js.script("a.js", "// a comment", "let x = ;");
        JsFixture.until(() -> js.count("loads_failed") == 1);
        js.up();
        js.script("a.js", "", "  throw new TypeError('no uplink\\nsecond line')");
        JsFixture.until(() -> js.count("loads_failed") == 2);
        js.up();
        js.script("a.js", "on('session.upp', () => 1)");
        JsFixture.until(() -> js.count("loads_failed") == 3);
        js.up();
        assertThat(js.log())
                .containsSubsequence(
                        "ERROR a.js:2:9: SyntaxError: Expected an operand but found ;; the version before goes on",
                        "INFO a.js: one 1",
                        "ERROR a.js:2:9: TypeError: no uplink; the version before goes on",
                        "INFO a.js: one 2")
                .anyMatch(line ->
                        line.startsWith("ERROR a.js:1:1: TypeError: on: there is no hook 'session.upp', there are "));
        js.script("a.js", saying("two"));
        reloaded(2);
        js.up();
        assertThat(js.said()).isEqualTo("INFO a.js: two 1");
    }

    @Test
    void tellsABrokenFileOnce() throws Exception {
        js.script("a.js", "on(").script("b.js", saying("other")).start();
        js.up();
        js.script("c.js", saying("new"));
        reloaded(2);
        assertThat(js.log())
                .filteredOn(line -> line.startsWith("ERROR"))
                .singleElement()
                .asString()
                .startsWith("ERROR a.js:1:")
                .endsWith("; not loaded");
    }

    @Test
    void takesNewFilesAndForgetsRemovedOnes() throws Exception {
        js.script("b.js", saying("second")).start();
        js.script("a.js", saying("first"));
        reloaded(2);
        js.up();
        Files.delete(folder.resolve("b.js"));
        JsFixture.until(() -> js.log().contains("INFO b.js: removed"));
        js.up();
        assertThat(js.log()).containsSubsequence("INFO a.js: first 1", "INFO b.js: second 1", "INFO a.js: first 2");
        assertThat(js.log()).doesNotContain("INFO b.js: second 2");
        assertThat(js.context().metrics().gauge("scripts")).isEqualTo(1);
    }

    @Test
    void aRequiredScriptGoesOnWhenItIsRemoved() throws Exception {
        js.with("required", "a.js")
                .script("a.js", "on('session.authorize', e => 'no')")
                .start();
        Files.delete(folder.resolve("a.js"));
        JsFixture.until(() -> js.log().contains("WARN a.js: removed, but required: it goes on"));
        assertThat(js.authorize("u").toString()).contains("no");
    }

    @Test
    void namesFilesThatAreNoText() throws Exception {
        Files.write(folder.resolve("a.js"), "// k\u00fcche".getBytes(StandardCharsets.ISO_8859_1));
        Files.writeString(folder.resolve("b.js"), "//".repeat(1 << 20));
        Files.createDirectory(folder.resolve("c.js"));
        Files.createSymbolicLink(folder.resolve("d.js"), folder.resolve("nowhere"));
        js.start();
        assertThat(js.log())
                .containsExactly(
                        "ERROR a.js: not written in UTF-8; not loaded",
                        "ERROR b.js: longer than 1048576 bytes; not loaded");
    }

    @Test
    void aFolderThatGoesAwayChangesNothing() throws Exception {
        Path inner = Files.createDirectory(folder.resolve("inner"));
        Files.writeString(inner.resolve("a.js"), "on('session.up', e => log.info('up'))");
        js.with("directory", inner.toString()).start();
        Files.move(inner, folder.resolve("away"));
        JsFixture.until(() -> js.log().stream().anyMatch(line -> line.contains("the scripts go on as they are")));
        js.up();
        assertThat(js.said()).isEqualTo("INFO a.js: up");
    }

    @Test
    void aHandlerIsRegisteredOnceAndWhileLoading() throws Exception {
        js.script("a.js", "on('session.up', () => 1)", "on('session.up', () => 1)");
        js.script("b.js", "on('session.up', 1)");
        js.script("c.js", "on('session.up', e => on('session.down', () => 1))");
        js.start();
        assertThat(js.log())
                .contains(
                        "ERROR a.js:2:1: Error: on: session.up has a handler in this file already; not loaded",
                        "ERROR b.js:1:1: TypeError: on: the handler of session.up is no function; not loaded");
        assertThatThrownBy(js::up).hasMessageContaining("c.js:1:23: Error: on: handlers are registered while");
    }

    @Test
    void takesNoFileThatIsStillBeingWritten() throws Exception {
        try (TestContext context = TestContext.of("js-hooks", Map.of("directory", folder.toString()));
                Sandbox sandbox = new Sandbox()) {
            JsSettings settings = JsSettings.read(context.configuration());
            ScriptHost host = new ScriptHost(
                    settings.limits(),
                    new NetworkVerbs(context.network()),
                    Map.of(),
                    HeapWatch.ofThisJvm(),
                    context.logger());
            try (Scripts scripts = new Scripts(settings, sandbox, host, ScriptFigures.of(context.metrics()))) {
                scripts.loadAll();
                for (String half : new String[] {"on('session.", "on('session.up', e =", "on('session.up', e => 1)"}) {
                    Files.writeString(folder.resolve("a.js"), half);
                    scripts.check();
                    assertThat(context.logger().lines()).isEmpty();
                }
                scripts.check();
                assertThat(context.logger().lines()).containsExactly("INFO a.js: loaded");
                Files.delete(folder.resolve("a.js"));
                scripts.check();
                assertThat(scripts.count()).isEqualTo(1);
                scripts.check();
                assertThat(scripts.count()).isZero();
            }
        }
    }
}
