// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.api.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InterfaceAddressTest {
    @ParameterizedTest
    @ValueSource(strings = {"10.254.0.2/16", "0.0.0.0/0", "255.255.255.255/32", "fd00::2/64", "::1/128", "fe80::1/10"})
    void readsWhatItPrints(String text) {
        assertThat(InterfaceAddress.parse(text)).hasToString(text);
    }

    @Test
    void knowsItsFamily() {
        assertThat(InterfaceAddress.parse("10.254.0.2/16").family()).isEqualTo(IpFamily.V4);
        assertThat(InterfaceAddress.parse("fd00::2/64").family()).isEqualTo(IpFamily.V6);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "10.254.0.2",
                "10.254.0.2/",
                "10.254.0.2/33",
                "10.254.0/16",
                "10.254.0.256/16",
                "10.254.0.2./16",
                "fd00::2/129",
                "fd00:::2/64",
                "::ffff:10.0.0.1/96",
                "fe80::1%2/64",
                "localhost/8",
                "abba/8",
                "1/8",
            })
    void refusesTheRestWithTheTextInTheMessage(String text) {
        assertThatThrownBy(() -> InterfaceAddress.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + text + "'");
    }
}
