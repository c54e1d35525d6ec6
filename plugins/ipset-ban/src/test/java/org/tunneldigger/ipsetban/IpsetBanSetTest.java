// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.ipsetban;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Against the kernel's ipset. */
@Tag("kernel-l2tp")
class IpsetBanSetTest {
    private static void startOrSkip(BanFixture fixture) throws Exception {
        try {
            fixture.kernel.broker("ipset", "create", "td-try", "hash:ip");
        } catch (IOException e) {
            assumeTrue(false, "no ipset here: " + e.getMessage());
        }
        fixture.start();
    }

    @Test
    void addressesGoIntoTheSetOfTheirFamilyAndTheirTimeBeginsAnew() throws Exception {
        String[] listing = {"ipset", "list", "tunneldigger_blocked"};
        try (BanFixture fixture = new BanFixture("kind", "ipset", "timeout", "100")) {
            startOrSkip(fixture);
            fixture.limited("192.0.2.7");
            fixture.limited("2001:db8::7");
            assertThat(fixture.kernel.broker(listing)).containsPattern("192.0.2.7 timeout (100|9[0-9])\n");
            assertThat(fixture.kernel.broker("ipset", "list", "tunneldigger_blocked6"))
                    .containsPattern("2001:db8::7 timeout (100|9[0-9])\n");

            fixture.kernel.broker("ipset", "-exist", "add", "tunneldigger_blocked", "192.0.2.7", "timeout", "50");
            fixture.start();
            assertThat(fixture.kernel.broker(listing)).containsPattern("192.0.2.7 timeout (50|4[0-9])\n");
            fixture.limited("192.0.2.7");
            assertThat(fixture.kernel.broker(listing)).containsPattern("192.0.2.7 timeout (100|9[0-9])\n");
        }
    }

    @Test
    void missingAndUnfitSetsAreErrors() throws Exception {
        try (BanFixture fixture = new BanFixture("kind", "ipset", "create", "no", "set", "a", "set6", "b")) {
            assertThatThrownBy(() -> startOrSkip(fixture)).hasMessage("the ipset a does not exist");
            fixture.kernel.broker("ipset", "create", "a", "hash:ip");
            fixture.kernel.broker("ipset", "create", "b", "hash:ip", "family", "inet6");
            fixture.start();
            assertThatThrownBy(() -> fixture.limited("192.0.2.7")).hasMessageContaining("the set has no timeouts");
            assertThat(fixture.context.metrics().count("failures")).isEqualTo(1);
        }
    }
}
