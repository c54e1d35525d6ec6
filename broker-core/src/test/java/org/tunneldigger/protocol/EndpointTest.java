// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointTest {

    /** The texts are the canonical ones of RFC 5952. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.0.0.0",
                "192.0.2.1",
                "255.255.255.255",
                "::",
                "::1",
                "2001:db8::1",
                "2001:db8:0:1::",
                "fe80::1:2",
                "2001:0:0:1::1",
                "1:2:3:4:5:6:7:8",
                "2001:db8:0:1:1:1:1:1",
                "1::"
            })
    void keepsTheAddress(String text) throws Exception {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getByName(text), 8942);
        Endpoint endpoint = Endpoint.of(address);
        assertThat(endpoint.host()).isEqualTo(text);
        assertThat(endpoint.toSocketAddress().getAddress().getAddress())
                .isEqualTo(address.getAddress().getAddress());
        assertThat(endpoint.port()).isEqualTo(8942);
        assertThat(endpoint.toString()).isEqualTo(text.contains(":") ? "[" + text + "]:8942" : text + ":8942");
    }
}
