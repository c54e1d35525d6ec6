// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.jshooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tunneldigger.api.net.LinuxNetwork;
import org.tunneldigger.testing.KernelFixture;
import org.tunneldigger.testing.SampleSessions;

/** The verbs of net against the kernel. */
class NetworkVerbsTest {
    @TempDir
    Path folder;

    private KernelFixture kernel;
    private JsFixture js;

    @BeforeEach
    void open() throws Exception {
        kernel = new KernelFixture();
        js = new JsFixture(folder);
        kernel.client("l2tp100-100", "10.0.0.7/24");
    }

    @AfterEach
    void close() throws Exception {
        js.close();
        kernel.close();
    }

    /** Scripts run on threads of their own, which are in no namespace. */
    private LinuxNetwork inNamespace() {
        return (LinuxNetwork) Proxy.newProxyInstance(
                LinuxNetwork.class.getClassLoader(), new Class<?>[] {LinuxNetwork.class}, (proxy, verb, arguments) -> {
                    Object[] answer = new Object[1];
                    kernel.inBroker(() -> {
                        try {
                            answer[0] = verb.invoke(kernel.network(), arguments);
                        } catch (InvocationTargetException e) {
                            throw (Exception) e.getCause();
                        }
                    });
                    return answer[0];
                });
    }

    @Test
    void bridgesATunnel() throws Exception {
        js.script(
                "a.js",
                "on('session.up', e => {",
                "  const bridge = 'digger' + e.mtu",
                "  net.ensureRule('v4', bridge, 100, 1000)",
                "  net.ensureBridge(bridge, e.mtu)",
                "  net.ensureAddress(bridge, '10.254.0.2/16')",
                "  net.attachPort(e.interface, bridge, e.mtu, true)",
                "  log.info(net.bridgeOf(e.interface))",
                "})",
                "on('session.pre-down', e => {",
                "  net.setIsolated(e.interface, false)",
                "  net.detach(e.interface)",
                "  log.info(net.bridgeOf(e.interface))",
                "})");
        js.start(inNamespace()).up();
        assertThat(js.said()).isEqualTo("INFO a.js: digger1446");
        assertThat(kernel.port("l2tp100-100")).contains("master digger1446", "isolated on", "mtu 1446");
        assertThat(kernel.broker("ip", "address", "show", "dev", "digger1446")).contains("inet 10.254.0.2/16");
        assertThat(kernel.broker("ip", "rule"))
                .contains("1000:\tfrom all iif digger1446 ")
                .contains("lookup 100");

        js.plugin.onSessionPreDown(SampleSessions.preDown("l2tp100-100", 1446));
        assertThat(js.said()).isEqualTo("INFO a.js: null");
        assertThat(kernel.port("l2tp100-100")).doesNotContain("master");
    }

    @Test
    void theKernelsRefusalIsAnErrorThatAScriptCanCatch() throws Exception {
        js.script(
                "a.js",
                "on('session.up', e => {",
                "  try { net.ensureBridge(e.interface, 1400) }",
                "  catch (error) { log.info(error instanceof Error, error.name, error.code) }",
                "  net.attachPort(e.interface, 'none', 1400, true)",
                "})");
        js.start(inNamespace());
        assertThatThrownBy(js::up)
                .hasMessageStartingWith("a.js:4:3: NetworkError: ")
                .hasMessageContaining("ENODEV");
        assertThat(js.said()).isEqualTo("INFO a.js: true NetworkError EEXIST");
    }

    @Test
    void wrongArgumentsNeverReachTheKernel() throws Exception {
        js.script(
                "a.js",
                "const calls = [() => net.ensureBridge(), () => net.ensureBridge('br', '1400'), () => net.ensureBridge('br', 1.5),",
                "  () => net.ensureBridge('a name of 16 by.', 1400), () => net.ensureBridge('', 1400), () => net.detach(1),",
                "  () => net.attachPort('a', 'b', 1400), () => net.attachPort('a', 'b', 1400, 'false'),",
                "  () => net.ensureRule(4, 'a', 1, 1), () => net.ensureRule('v4', 'a', 0, 1), () => net.ensureRule('v4', 'a', 1, 2 ** 32),",
                "  () => net.ensureAddress('a', '10.0.0.1'), () => net.bridgeOf({toString: () => 'a'})]",
                "on('session.up', e => { for (const call of calls) try { call(); log.info('done') }",
                "  catch (error) { log.info(error.name, error.message) } })");
        js.start().up();
        assertThat(js.log())
                .hasSize(14)
                .filteredOn(line -> line.contains("TypeError net."))
                .hasSize(13);
        assertThat(js.log())
                .contains("INFO a.js: TypeError net.ensureBridge: argument 1, bridge, is not a text")
                .contains(
                        "INFO a.js: TypeError net.ensureBridge: argument 2, mtu, is not a whole number from 68 to 65535");
    }
}
