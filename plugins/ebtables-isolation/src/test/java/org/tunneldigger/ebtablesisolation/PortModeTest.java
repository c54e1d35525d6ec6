// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.ebtablesisolation;

import static org.assertj.core.api.Assertions.assertThat;

import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

/** Mode port against the kernel, where {@code ip} does the bridging. */
class PortModeTest {
    @Test
    void portIsIsolatedAfterItsScriptsBridgedIt() throws Exception {
        try (IsolationFixture fixture = new IsolationFixture("mode", "port")) {
            fixture.start();
            fixture.join("td-a");
            fixture.join("td-b");
            assertThat(fixture.kernel.reaches(fixture.a, IsolationFixture.B_ADDRESS))
                    .isTrue();
            fixture.up("td-a");
            fixture.up("td-b");
            assertThat(fixture.kernel.reaches(fixture.a, IsolationFixture.MACHINE))
                    .isTrue();
            assertThat(fixture.kernel.cannotReach(fixture.a, IsolationFixture.B_ADDRESS))
                    .isTrue();

            // the kernel forgets it when the port moves
            fixture.join("td-a", "td-br1");
            assertThat(fixture.kernel.port("td-a")).contains("isolated off");
            fixture.moved("td-a");
            assertThat(fixture.kernel.port("td-a")).contains("master td-br1").contains("isolated on");
            assertThat(fixture.context.logger().lines()).noneMatch(line -> line.startsWith("WARN"));
        }
    }

    @Test
    void anUplinkStaysReachableAlsoIfItWasIsolatedBefore() throws Exception {
        try (IsolationFixture fixture = new IsolationFixture("uplinks", "td-u, td-absent")) {
            fixture.join("td-u");
            fixture.kernel.broker("bridge", "link", "set", "dev", "td-u", "isolated", "on");
            fixture.start();
            fixture.join("td-a");
            fixture.up("td-a");
            fixture.up("td-u");
            assertThat(fixture.kernel.reaches(fixture.a, IsolationFixture.UPLINK_ADDRESS))
                    .isTrue();
        }
    }

    @Test
    void interfaceInNoBridgeIsLeftAloneAndWarnedAboutOnce() throws Exception {
        try (IsolationFixture fixture = new IsolationFixture()) {
            fixture.start();
            fixture.up("td-a");
            fixture.up("td-b");
            assertThat(fixture.context.logger().lines())
                    .filteredOn(line -> line.startsWith("WARN"))
                    .singleElement(InstanceOfAssertFactories.STRING)
                    .contains("td-a");
        }
    }

    @Test
    void probingLeavesNoInterfaceBehind() throws Exception {
        try (IsolationFixture fixture = new IsolationFixture()) {
            String before = fixture.kernel.broker("ip", "-brief", "link");
            fixture.start();
            assertThat(fixture.kernel.broker("ip", "-brief", "link")).isEqualTo(before);
        }
    }
}
