// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.ipsetban;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Against the kernel's nftables. In the guest too: kernels before 6.12 don't renew times by themselves. */
@Tag("kernel-l2tp")
class NftablesBanTest {
    private static final String[] BANNED = {"nft", "-j", "list", "set", "inet", "tunneldigger_ban", "banned"};
    private static final String[] BANNED6 = {"nft", "list", "set", "inet", "tunneldigger_ban", "banned6"};

    private static void startOrSkip(BanFixture fixture) throws Exception {
        try {
            fixture.kernel.broker("nft", "add table inet td-try; delete table inet td-try");
        } catch (IOException e) {
            assumeTrue(false, "no nftables here: " + e.getMessage());
        }
        fixture.start();
    }

    @Test
    void whatABannedAddressSendsIsDroppedUntilItsTimeIsOver() throws Exception {
        try (BanFixture fixture = new BanFixture("timeout", "3")) {
            startOrSkip(fixture);
            assertThat(fixture.gets(BanFixture.PORT, true)).isTrue();
            fixture.limited(BanFixture.CLIENT);
            assertThat(fixture.gets(BanFixture.PORT, false)).isFalse();
            assertThat(fixture.context.metrics().count("bans")).isEqualTo(1);
            assertThat(fixture.gets(BanFixture.PORT, true)).as("3 s later").isTrue();
        }
    }

    @Test
    void portsThatAreNotNamedStayOpen() throws Exception {
        try (BanFixture fixture = new BanFixture("ports", "53, 8942")) {
            startOrSkip(fixture);
            fixture.limited(BanFixture.CLIENT);
            assertThat(fixture.gets(BanFixture.PORT, false)).isFalse();
            assertThat(fixture.gets(BanFixture.PORT + 1, true)).isTrue();
        }
    }

    @Test
    void anotherRefusalBeginsTheTimeAnew() throws Exception {
        try (BanFixture fixture = new BanFixture("timeout", "600")) {
            startOrSkip(fixture);
            fixture.limited(BanFixture.CLIENT);
            long deadlineNanos = System.nanoTime() + 30_000_000_000L;
            while (fixture.secondsLeft(BANNED) > 594) {
                assertThat(System.nanoTime()).as("not within 30 s").isLessThan(deadlineNanos);
                Thread.sleep(50);
            }
            fixture.limited(BanFixture.CLIENT);
            assertThat(fixture.secondsLeft(BANNED)).isBetween(595L, 600L);
        }
    }

    @Test
    void bansOfBothFamiliesOutliveARestartAndRulesDoNotPileUp() throws Exception {
        try (BanFixture fixture = new BanFixture()) {
            startOrSkip(fixture);
            fixture.limited("192.0.2.7");
            fixture.limited("2001:db8::7");
            fixture.plugin.close();
            fixture.start();
            assertThat(fixture.kernel.broker(BANNED)).contains("192.0.2.7");
            assertThat(fixture.kernel.broker(BANNED6)).contains("2001:db8::7");
            assertThat(fixture.kernel.broker("nft", "list", "ruleset"))
                    .containsOnlyOnce("ip saddr @banned drop")
                    .containsOnlyOnce("ip6 saddr @banned6 drop");
        }
    }

    @Test
    void exemptAddressesAreNeverBanned() throws Exception {
        try (BanFixture fixture = new BanFixture("exempt", "10.98.0.0/16, 2001:db8::/32, 192.0.2.7")) {
            startOrSkip(fixture);
            fixture.limited(BanFixture.CLIENT);
            fixture.limited("2001:db8::7");
            fixture.limited("192.0.2.7");
            assertThat(fixture.context.metrics().count("exempted")).isEqualTo(3);
            assertThat(fixture.kernel.broker("nft", "list", "ruleset")).doesNotContain("elements");
        }
    }

    @Test
    void tableThatSomethingElseRemovedIsMadeAgain() throws Exception {
        try (BanFixture fixture = new BanFixture()) {
            startOrSkip(fixture);
            fixture.kernel.broker("nft", "flush", "ruleset");
            fixture.limited(BanFixture.CLIENT);
            assertThat(fixture.gets(BanFixture.PORT, false)).isFalse();
        }
    }

    @Test
    void missingSetIsAnErrorWhereNothingIsToBeMade() throws Exception {
        try (BanFixture fixture = new BanFixture("create", "no", "family", "ip", "table", "mine", "set", "bad")) {
            assertThatThrownBy(() -> startOrSkip(fixture))
                    .hasMessage("the nftables set bad of the table ip mine does not exist, or holds no addresses");
            fixture.kernel.broker("nft", "add table ip mine");
            fixture.kernel.broker("nft", "add set ip mine bad { type ipv4_addr; }");
            assertThatThrownBy(fixture::start).hasMessageContaining("type ipv4_addr; flags timeout");
            fixture.kernel.broker("nft", "delete set ip mine bad");
            fixture.kernel.broker("nft", "add set ip mine bad { type ipv4_addr; flags timeout; }");
            fixture.start();
            fixture.limited("192.0.2.7");
            fixture.limited("2001:db8::7");
            assertThat(fixture.kernel.broker("nft", "list", "ruleset"))
                    .contains("192.0.2.7")
                    .doesNotContain("2001:db8");

            fixture.kernel.broker("nft", "delete table ip mine");
            assertThatThrownBy(() -> fixture.limited("192.0.2.8")).hasMessageContaining("ENOENT");
            assertThat(fixture.context.metrics().count("failures")).isEqualTo(1);
        }
    }

    @Test
    void wrongKeysAreAllNamed() throws Exception {
        try (BanFixture fixture =
                new BanFixture("kind", "ipset", "table", "x", "set", "a b", "timeout", "0", "exempt", "10.0.0.1/8")) {
            assertThatThrownBy(fixture::start)
                    .hasMessageContaining("table: means something with kind = nftables alone")
                    .hasMessageContaining("set: 'a b'")
                    .hasMessageContaining("timeout: '0'")
                    .hasMessageContaining("exempt: '10.0.0.1/8' has bits set");
        }
    }
}
