// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.hooks;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.tunneldigger.api.AddressText;
import org.tunneldigger.protocol.Endpoint;

/** Plugins and the broker's log must name a client alike, though their code for it is separate. */
class AddressTextTest {

    @Test
    void pluginsAndBrokerWriteAddressesAlike() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            Endpoint endpoint = Endpoint.v6(sparse(random), sparse(random), 0, 8942);
            InetSocketAddress address = endpoint.toSocketAddress();
            if (address.getAddress().getAddress().length == 16) { // mapped IPv4 addresses turn into IPv4 ones
                assertThat(AddressText.of(address)).as("seed %d", seed).isEqualTo(endpoint.host());
            }
        }
    }

    @Test
    void addressesAreWrittenAsIpDoes() {
        assertThat(AddressText.of(new InetSocketAddress("2001:db8:0:0:1:0:0:1", 1)))
                .isEqualTo("2001:db8::1:0:0:1");
        assertThat(AddressText.of(new InetSocketAddress("2001:DB8:0:1:1:1:1:1", 1)))
                .isEqualTo("2001:db8:0:1:1:1:1:1");
        assertThat(AddressText.of(new InetSocketAddress("::", 1))).isEqualTo("::");
        assertThat(AddressText.of(new InetSocketAddress("::1", 1))).isEqualTo("::1");
        assertThat(AddressText.of(new InetSocketAddress("fe80::", 1))).isEqualTo("fe80::");
        assertThat(AddressText.of(new InetSocketAddress("192.0.2.1", 1))).isEqualTo("192.0.2.1");
    }

    /** Half an address, with many zero groups. */
    private static long sparse(Random random) {
        long half = 0;
        for (int group = 0; group < 4; group++) {
            half = half << 16 | (random.nextBoolean() ? 0 : random.nextInt(1 << 1 + random.nextInt(16)));
        }
        return half;
    }
}
