// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.jshooks;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The ways out of a script, each of them shut. */
class SandboxTest {
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

    /** What the expression makes: its value as text, or the error's. */
    private String result(String expression) throws Exception {
        Files.writeString(folder.resolve("secret.txt"), "'secret'");
        js.script(
                "a.js",
                "on('session.up', e => {",
                "  let result",
                "  try { result = 'value ' + (" + expression + ") } catch (error) { result = 'error ' + error }",
                "  log.info(result)",
                "})");
        js.start().up();
        return js.said().substring("INFO a.js: ".length());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Java.type('java.lang.System')",
                "Java.from([1])",
                "Packages.java.lang.System",
                "java.lang.System.exit(1)",
                "org.tunneldigger.jshooks.JsHooks",
                "Polyglot.eval('js', '1')",
                "Polyglot.import('x')",
                "Graal.versionGraalVM",
                "load('FOLDER/secret.txt')",
                "load({name: 'x', script: '1'})",
                "loadWithNewGlobal('FOLDER/secret.txt')",
                "read('FOLDER/secret.txt')",
                "readFile('FOLDER/secret.txt')",
                "readbuffer('FOLDER/secret.txt')",
                "readline()",
                "require('fs')",
                "require('FOLDER/secret.txt')",
                "fetch('http://192.0.2.1/')",
                "new XMLHttpRequest()",
                "new WebSocket('ws://192.0.2.1/')",
                "new Worker('x.js')",
                "quit()",
                "exit(1)",
                "process.env",
                "process.exit(1)",
                "$ENV",
                "$EXEC('id')",
                "setTimeout(() => 1, 1)",
                "WebAssembly.compile",
                "java",
                "Realm.create()",
                "Debug.class()",
                "on('session.down', () => 1)",
                "log.class",
                "net.class.forName",
                "on.constructor.constructor('return java.lang.System')()",
                "log.info.constructor('return Java')()",
            })
    void isShut(String expression) throws Exception {
        String result = result(expression.replace("FOLDER", folder.toString()));
        if (expression.equals("log.class")) {
            assertThat(result).isEqualTo("value undefined");
        } else {
            assertThat(result).startsWith("error ").doesNotContain("secret'");
        }
    }

    @Test
    void importsNothing() throws Exception {
        Files.writeString(folder.resolve("module.mjs"), "export default 'secret'");
        js.script(
                "a.js",
                "on('session.up', e => { import('" + folder + "/module.mjs').then(",
                "  module => log.info('imported', module.default), error => log.info('error', error)) })");
        js.start().up();
        assertThat(js.said()).startsWith("INFO a.js: error ");
    }

    @Test
    void aScriptSeesNothingOfAnother() throws Exception {
        js.script("a.js", "globalThis.mine = 1; Object.prototype.spoilt = 1; Array.prototype.push = () => 0");
        js.script("b.js", "on('session.up', e => log.info(typeof mine, typeof {}.spoilt, [].push.name))");
        js.start().up();
        assertThat(js.said()).isEqualTo("INFO b.js: undefined undefined push");
    }

    @Test
    void aScriptThatSpoilsItsOwnWorldIsToldTheSame() throws Exception {
        js.script(
                "a.js",
                "const stringify = JSON.stringify",
                "on('session.up', e => log.info(stringify([e.uuid, e.features])))",
                "Object.freeze = Object.create = Object.defineProperty = () => ({uuid: 'forged'})",
                "Array.prototype[Symbol.iterator] = function* () { yield 'forged' }",
                "Object.defineProperty = null; globalThis.Promise = null; globalThis.String = null");
        js.start();
        js.up();
        assertThat(js.said()).isEqualTo("INFO a.js: [\"uuid\",[\"unique-session-id\"]]");
    }

    @Test
    void printsIntoTheLog() throws Exception {
        js.script(
                "a.js",
                "print('küche', 1); console.log('a\\nb'); console.error('loud'); printErr('louder')",
                "print('x'.repeat(20000))",
                "log.debug({a: [1]}, null, new Error('e'), 'line\\nline')");
        js.start();
        assertThat(js.log())
                .contains("INFO a.js: küche 1", "INFO a.js: a", "INFO a.js: b", "WARN a.js: loud", "WARN a.js: louder")
                .contains("DEBUG a.js: {\"a\":[1]} null Error: e line line")
                .allMatch(line -> line.length() < 1100);
    }

    @Test
    void loadsNoNativeLibrary() throws Exception {
        assertThat(result("1 + 1")).isEqualTo("value 2");
        assertThat(Files.readString(Path.of("/proc/self/maps"))).doesNotContain("truffleattach");
        assertThat(System.getProperty("truffle.attach.library")).isNull();
    }
}
