// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.handshake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tunneldigger.handshake.Admission.Verdict.ADDRESS_RATE;
import static org.tunneldigger.handshake.Admission.Verdict.ADMITTED;
import static org.tunneldigger.handshake.Admission.Verdict.FULL;
import static org.tunneldigger.handshake.Admission.Verdict.HOOKS_BUSY;
import static org.tunneldigger.handshake.Admission.Verdict.RATE;

import org.junit.jupiter.api.Test;
import org.tunneldigger.protocol.Endpoint;

class AdmissionTest {
    private static final long SECOND = 1_000_000_000L;
    private static final Endpoint A = Endpoint.v4(0x01010101, 1000);
    private static final Endpoint B = Endpoint.v4(0x02020202, 1000);

    @Test
    void admitsUpToMaxTunnels() {
        Admission admission = new Admission(new AdmissionLimits(2, 0, 0, 0));
        assertThat(admission.admit(A, 1, false, 0)).isEqualTo(ADMITTED);
        assertThat(admission.admit(A, 2, false, 0)).isEqualTo(FULL);
        assertThat(admission.admit(A, 1, true, 0)).isEqualTo(HOOKS_BUSY);
    }

    @Test
    void keepsTheIntervalForAllAddresses() {
        Admission admission = new Admission(new AdmissionLimits(10, SECOND / 5, 0, 0));
        assertThat(admission.admit(A, 0, false, -7)).isEqualTo(ADMITTED);
        assertThat(admission.admit(B, 0, false, SECOND / 5 - 8)).isEqualTo(RATE);
        assertThat(admission.admit(B, 0, false, SECOND / 5 - 7)).isEqualTo(ADMITTED);
    }

    @Test
    void countsPerAddressWhateverThePortAndForgetsRefusals() {
        Admission admission = new Admission(new AdmissionLimits(10, 0, 2, 10 * SECOND));
        assertThat(admission.admit(A, 0, false, 0)).isEqualTo(ADMITTED);
        assertThat(admission.admit(A.withPort(2), 0, false, SECOND)).isEqualTo(ADMITTED);
        assertThat(admission.admit(A.withPort(3), 0, false, 2 * SECOND)).isEqualTo(ADDRESS_RATE);
        assertThat(admission.admit(B, 0, false, 2 * SECOND)).isEqualTo(ADMITTED);
        assertThat(admission.admit(A, 0, false, 9 * SECOND)).isEqualTo(ADDRESS_RATE);
        // The first falls out of the window; had refusals counted, this would be refused too.
        assertThat(admission.admit(A, 0, false, 10 * SECOND)).isEqualTo(ADMITTED);
        assertThat(admission.admit(A, 0, false, 10 * SECOND + 1)).isEqualTo(ADDRESS_RATE);
    }

    @Test
    void theProcessWideRateIsAskedFirstAndItsRefusalsCountForNoAddress() {
        Admission admission = new Admission(new AdmissionLimits(10, SECOND, 2, 100 * SECOND));
        assertThat(admission.admit(A, 0, false, 0)).isEqualTo(ADMITTED);
        for (int i = 1; i < 5; i++) {
            assertThat(admission.admit(A, 0, false, i)).isEqualTo(RATE);
        }
        assertThat(admission.admit(A, 0, false, SECOND)).isEqualTo(ADMITTED);
        assertThat(admission.admit(A, 0, false, 2 * SECOND)).isEqualTo(ADDRESS_RATE);
    }

    @Test
    void addressesAreForgottenAfterTheWindow() {
        AddressRates rates = new AddressRates(1, SECOND);
        for (int i = 0; i < 1000; i++) {
            rates.tryCount(Endpoint.v4(i, 0), i);
        }
        rates.tryCount(A.withPort(0), 2 * SECOND);
        assertThat(rates.size()).isEqualTo(1);
    }

    @Test
    void addressesAreBoundedInNumber() {
        AddressRates rates = new AddressRates(1, Long.MAX_VALUE / 2);
        for (int i = 0; i < AddressRates.MAX_ADDRESSES + 1000; i++) {
            rates.tryCount(Endpoint.v6(0x20010DB8L << 32, i, 0, 0), i);
        }
        assertThat(rates.size()).isEqualTo(AddressRates.MAX_ADDRESSES);
    }

    @Test
    void usageIsTheFlooredShareOf65535() {
        Admission admission = new Admission(new AdmissionLimits(256, 0, 0, 0));
        assertThat(admission.usage(0)).isZero();
        assertThat(admission.usage(1)).isEqualTo(255);
        assertThat(admission.usage(128)).isEqualTo(32767);
        assertThat(admission.usage(256)).isEqualTo(65535);
    }
}
