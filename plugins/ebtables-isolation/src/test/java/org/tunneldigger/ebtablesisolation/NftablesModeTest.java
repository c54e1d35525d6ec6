// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.ebtablesisolation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Mode nftables, with frames between namespaces. In the guest too: other kernels answer otherwise. */
@Tag("kernel-l2tp")
class NftablesModeTest {
    private static final String[] TABLES = {"nft", "list", "tables"};
    private static final String[] SET = {"nft", "list", "set", "bridge", "tunneldigger", "tunnels"};

    private IsolationFixture fixture;

    NftablesModeTest() throws Exception {
        fixture = new IsolationFixture("mode", "nftables", "uplinks", "td-u");
    }

    @BeforeEach
    void requireNftables() throws Exception {
        try {
            fixture.kernel.broker("nft", "add table bridge td-try; delete table bridge td-try");
        } catch (IOException e) {
            assumeTrue(false, "no nftables for bridges here: " + e.getMessage());
        }
        fixture.start();
    }

    @AfterEach
    void close() throws Exception {
        fixture.close();
    }

    @Test
    void tunnelsAreApartBeforeTheyJoinTheBridgeAndReachTheRest() throws Exception {
        fixture.up("td-a");
        fixture.up("td-b");
        fixture.up("td-u");
        fixture.join("td-a");
        fixture.join("td-b");
        fixture.join("td-u");
        assertThat(fixture.kernel.reaches(fixture.a, IsolationFixture.MACHINE)).isTrue();
        assertThat(fixture.kernel.reaches(fixture.b, IsolationFixture.MACHINE)).isTrue();
        assertThat(fixture.kernel.reaches(fixture.a, IsolationFixture.UPLINK_ADDRESS))
                .isTrue();
        assertThat(fixture.kernel.reaches(fixture.uplink, IsolationFixture.B_ADDRESS))
                .isTrue();
        assertThat(fixture.kernel.cannotReach(fixture.a, IsolationFixture.B_ADDRESS))
                .isTrue();
        assertThat(fixture.kernel.cannotReach(fixture.b, IsolationFixture.A_ADDRESS))
                .isTrue();

        // it was the rule that kept them apart
        fixture.down("td-b");
        assertThat(fixture.reachesAgain(fixture.a, IsolationFixture.B_ADDRESS)).isTrue();
    }

    @Test
    void elementsComeAndGoWithTheSessionsAndTheTableWithThePlugin() throws Exception {
        assertThat(fixture.kernel.broker("nft", "list", "ruleset")).contains("iifname @tunnels oifname @tunnels drop");
        fixture.up("td-a");
        fixture.up("td-a");
        fixture.moved("td-a");
        fixture.up("td-b");
        assertThat(fixture.kernel.broker(SET)).contains("\"td-a\"").contains("\"td-b\"");
        fixture.down("td-a");
        fixture.down("td-a");
        assertThat(fixture.kernel.broker(SET)).doesNotContain("\"td-a\"").contains("\"td-b\"");
        fixture.stop();
        assertThat(fixture.kernel.broker(TABLES)).isEmpty();
    }

    @Test
    void whatAnEarlierRunLeftIsRemovedAndTheRuleIsThereOnce() throws Exception {
        fixture.up("td-a");
        fixture.start();
        assertThat(fixture.kernel.broker(SET)).doesNotContain("td-a");
        assertThat(fixture.kernel.broker("nft", "list", "ruleset")).containsOnlyOnce("drop");
    }

    @Test
    void tableThatSomethingElseRemovedComesBackWithAllTunnels() throws Exception {
        fixture.up("td-a");
        fixture.kernel.broker("nft", "flush", "ruleset");
        fixture.up("td-b");
        assertThat(fixture.kernel.broker(SET)).contains("\"td-a\"").contains("\"td-b\"");
        assertThat(fixture.context.logger().lines())
                .anyMatch(line -> line.startsWith("WARN") && line.contains("bridge tunneldigger"));
    }

    @Test
    void tableThatSomethingElseRemovedComesBackWithoutAnyEvent() throws Exception {
        fixture.up("td-a");
        fixture.kernel.broker("nft", "flush", "ruleset");
        long deadlineNanos = System.nanoTime() + 60_000_000_000L;
        while (!fixture.kernel.broker("nft", "list", "ruleset").contains("\"td-a\"")) {
            assertThat(System.nanoTime()).as("not within a minute").isLessThan(deadlineNanos);
            Thread.sleep(100);
        }
    }

    @Test
    void tablesOfOthersAreLeftAlone() throws Exception {
        fixture.kernel.broker("nft", "add table bridge other");
        fixture.stop();
        assertThat(fixture.kernel.broker(TABLES)).isEqualToIgnoringNewLines("table bridge other");
    }
}
