// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.jshooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Instant;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tunneldigger.api.event.AccessDecision;
import org.tunneldigger.api.event.ConnectionRateLimited;
import org.tunneldigger.api.event.SessionProfile;
import org.tunneldigger.api.event.SessionUp;
import org.tunneldigger.api.hook.HookFailedException;
import org.tunneldigger.testing.SampleSessions;

/** What scripts are told, and what becomes of their answers. */
class JsHooksTest {
    private static final String SAY = "log.info(JSON.stringify(e))";

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

    @Test
    void tellsASessionsEventsWithAllTheirMembers() throws Exception {
        js.script(
                "a.js",
                "for (const hook of ['session.up', 'session.mtu-changed', 'session.pre-down', 'session.down'])",
                "  on(hook, e => " + SAY + ")");
        js.start();
        SessionProfile profile = SessionProfile.none()
                .withMtu(1300)
                .withUpBitsPerSecond(9_000_000_000L)
                .withLabel("__proto__", "x");
        InetSocketAddress remote = new InetSocketAddress("2001:db8::7", 40001);
        Instant at = Instant.ofEpochMilli(1_790_000_000_123L);

        js.plugin.onSessionUp(
                new SessionUp(SampleSessions.session("l2tp100-100", remote, "a\"\n\u0000ü", profile), 1446, at));
        assertThat(js.said())
                .isEqualTo(
                        "INFO a.js: {\"uuid\":\"a\\\"\\n\\u0000ü\",\"remoteAddress\":\"2001:db8::7\",\"remotePort\":40001,"
                                + "\"localAddress\":\"192.0.2.1\",\"localPort\":8942,\"at\":1790000000123,\"tunnelId\":100,"
                                + "\"sessionId\":4294967295,\"interface\":\"l2tp100-100\",\"datapath\":\"kernel\","
                                + "\"features\":[\"unique-session-id\"],\"profile\":{\"mtu\":1300,\"downBitsPerSecond\":null,"
                                + "\"upBitsPerSecond\":9000000000,\"bridge\":null,\"labels\":{\"__proto__\":\"x\"}},"
                                + "\"since\":0,\"mtu\":1446}");
        js.plugin.onMtuChanged(SampleSessions.mtuChanged("l2tp100-100", 1446, 1396));
        assertThat(js.said()).endsWith("\"since\":0,\"mtu\":1396,\"oldMtu\":1446,\"newMtu\":1396}");
        js.plugin.onSessionPreDown(SampleSessions.preDown("l2tp100-100", 1396));
        assertThat(js.said()).endsWith("\"since\":0,\"mtu\":1396,\"reason\":\"timeout\"}");
        js.plugin.onSessionDown(SampleSessions.down("l2tp100-100", 1396));
        assertThat(js.said()).endsWith("\"since\":0,\"mtu\":1396,\"reason\":\"timeout\"}");
        assertThat(js.count("calls")).isEqualTo(4);
    }

    @Test
    void tellsRefusalsAndRequests() throws Exception {
        js.script(
                "a.js",
                "on('broker.connection-rate-limit', e => " + SAY + ")",
                "on('session.authorize', e => " + SAY + ")");
        js.start();
        InetSocketAddress remote = new InetSocketAddress("192.0.2.7", 1);

        js.plugin.onConnectionRateLimited(new ConnectionRateLimited(remote, remote, "u", Instant.EPOCH));
        assertThat(js.said())
                .isEqualTo("INFO a.js: {\"uuid\":\"u\",\"remoteAddress\":\"192.0.2.7\",\"remotePort\":1,"
                        + "\"localAddress\":\"192.0.2.7\",\"localPort\":1,\"at\":0}");
        js.authorize("u");
        assertThat(js.said()).endsWith("\"at\":0,\"datapath\":\"kernel\",\"features\":[\"unique-session-id\"]}");
    }

    @Test
    void anEventIsPlainAndFrozen() throws Exception {
        js.script(
                "a.js",
                "on('session.up', e => {",
                "  'use strict'",
                "  const tried = []",
                "  for (const change of [() => e.uuid = 'x', () => e.more = 1, () => delete e.uuid, () => e.features.push(1),",
                "       () => e.profile.mtu = 1, () => e.profile.labels.a = 1])",
                "    try { change(); tried.push('done') } catch (error) { tried.push(error.name) }",
                "  log.info(tried, Object.getPrototypeOf(e) === Object.prototype, Array.isArray(e.features),",
                "    Object.keys(e).length)",
                "})");
        js.start().up();
        assertThat(js.said())
                .isEqualTo("INFO a.js: [\"TypeError\",\"TypeError\",\"TypeError\",\"TypeError\",\"TypeError\","
                        + "\"TypeError\"] true true 14");
    }

    @Test
    void callsScriptsByNameAndOnTheWayDownInReverse() throws Exception {
        for (String name : new String[] {"b.js", "a.js", "c.js"}) {
            js.script(name, "on('session.up', e => log.info('up'))", "on('session.down', e => log.info('down'))");
        }
        js.script(".d.js", "on('session.up', e => log.info('up'))").script("e.jsx", "no script");
        js.start().up();
        js.plugin.onSessionDown(SampleSessions.down("l2tp100-100", 1446));
        assertThat(js.log())
                .filteredOn(line -> line.endsWith("up") || line.endsWith("down"))
                .containsExactly(
                        "INFO a.js: up",
                        "INFO b.js: up",
                        "INFO c.js: up",
                        "INFO c.js: down",
                        "INFO b.js: down",
                        "INFO a.js: down");
    }

    @Test
    void aScriptThatThrowsKeepsNoOtherFromItsCall() throws Exception {
        js.script("a.js", "on('session.up', e => {", "  null.x })");
        js.script("b.js", "on('session.up', e => log.info('up'))");
        js.script("c.js", "on('session.up', e => { throw 'text' })");
        js.start();
        assertThatThrownBy(js::up)
                .isInstanceOf(HookFailedException.class)
                .hasMessage("a.js:2:3: TypeError: Cannot read property 'x' of null");
        assertThat(js.log()).contains("INFO b.js: up", "WARN c.js:1:25: text");
        assertThat(js.count("calls_failed")).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "| allow",
                "return null | allow",
                "return true | allow",
                "return false | a.js",
                "return 'not you' | a.js: not you",
                "return {deny: 'not ' + e.uuid} | a.js: not someone",
                "return 'a\\nb' | a.js: a b",
            })
    void authorizes(String body, String expected) throws Exception {
        js.script("a.js", "on('session.authorize', e => { " + (body == null ? "" : body) + " })");
        AccessDecision decision = js.start().authorize("someone");
        assertThat(decision)
                .isEqualTo(expected.equals("allow") ? AccessDecision.allow() : AccessDecision.deny(expected));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1", "{}", "{deny: true}", "[]", "() => 1", "new Promise(() => 1)", "Symbol('x')"})
    void guessesNoDecision(String answer) throws Exception {
        js.script("a.js", "on('session.authorize', e => (" + answer + "))");
        js.start();
        assertThatThrownBy(() -> js.authorize("someone"))
                .isInstanceOf(HookFailedException.class)
                .hasMessageStartingWith("a.js: session.authorize: the handler ");
    }

    @Test
    void aDenialHoldsAlsoIfAnotherScriptFails() throws Exception {
        js.script("a.js", "on('session.authorize', e => { throw new Error('x') })");
        js.script("b.js", "on('session.authorize', e => e.uuid !== 'bad')");
        js.start();
        assertThat(js.authorize("bad")).isEqualTo(AccessDecision.deny("b.js"));
        assertThatThrownBy(() -> js.authorize("good")).hasMessageContaining("a.js:1:38: Error: x");
    }

    @Test
    void makesAProfileOfWhatTheScriptsSay() throws Exception {
        js.script("a.js", "on('session.profile', e => ({downBitsPerSecond: 8 * 1e6, labels: {site: 'north'}}))");
        js.script(
                "b.js",
                "on('session.profile', e => ({mtu: 1400, downBitsPerSecond: 9e6, upBitsPerSecond: 1e6, bridge: 'br-x',",
                "  labels: {site: 'south', kind: null, more: 'yes'}}))");
        js.script("c.js", "on('session.profile', e => {})");
        js.script("d.js", "on('session.profile', e => ({upBitPerSecond: 1}))");
        js.start();
        SessionProfile profile = js.plugin.profile(SampleSessions.request("u"));
        assertThat(profile)
                .isEqualTo(SessionProfile.none()
                        .withMtu(1400)
                        .withDownBitsPerSecond(8_000_000)
                        .withUpBitsPerSecond(1_000_000)
                        .withBridge("br-x")
                        .withLabel("site", "north")
                        .withLabel("more", "yes"));
        assertThat(js.log()).contains("WARN d.js: session.profile: a profile has no upBitPerSecond");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1",
                "[1]",
                "'x'",
                "{mtu: 10}",
                "{mtu: 1e300}",
                "{mtu: 1400.5}",
                "{mtu: '1400'}",
                "{bridge: 'a b'}",
                "{upBitsPerSecond: 1}",
                "{labels: {a: 1}}",
                "{downBitsPerSecond: NaN}"
            })
    void aProfileThatIsNoneSaysNothing(String answer) throws Exception {
        js.script("a.js", "on('session.profile', e => (" + answer + "))");
        js.start();
        assertThat(js.plugin.profile(SampleSessions.request("u"))).isEqualTo(SessionProfile.none());
        assertThat(js.said()).startsWith("WARN a.js: ");
        assertThat(js.count("calls_failed")).isEqualTo(1);
    }

    @Test
    void aSessionsRateLargerThanAnIntIsWhole() throws Exception {
        js.script("a.js", "on('session.profile', e => ({upBitsPerSecond: 2 ** 40}))");
        assertThat(js.start().plugin.profile(SampleSessions.request("u")).upBitsPerSecond())
                .isEqualTo(OptionalLong.of(1L << 40));
    }

    @Test
    void scriptsFindTheirValuesInConfig() throws Exception {
        js.with("script.uplink", "eth1").with("script.__proto__", "x");
        js.script("a.js", "on('session.up', e => log.warn(config, config.uplink, config.other))");
        js.start().up();
        assertThat(js.said()).isEqualTo("WARN a.js: {\"__proto__\":\"x\",\"uplink\":\"eth1\"} eth1 undefined");
        assertThat(js.context().configuration().warnings()).isEmpty();
    }

    @Test
    void namesEveryWrongValue() {
        js.with("directory", "here").with("timeout", "0").with("required", "a.js, ../b.js");
        assertThatThrownBy(js::start)
                .hasMessageContainingAll("directory: 'here' is no absolute path", "timeout: ", "'../b.js' is no name");
    }

    @Test
    void wantsADirectoryThatExists() {
        js.with("directory", folder + "/none");
        assertThatThrownBy(js::start).hasMessageContaining("/none cannot be read: ");
        js.with("directory", "");
        assertThatThrownBy(js::start).hasMessageContaining("directory: missing");
    }

    @Test
    void startsOnlyWithItsRequiredScripts() throws Exception {
        js.with("required", "a.js, b.js").script("a.js", "on(").script("c.js", "");
        assertThatThrownBy(js::start).hasMessage("required, but not loaded: a.js, b.js");
    }
}
