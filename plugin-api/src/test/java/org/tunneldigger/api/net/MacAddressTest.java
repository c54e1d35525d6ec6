// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.api.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MacAddressTest {
    @ParameterizedTest
    @ValueSource(strings = {"02:74:00:12:34:56", "00:00:00:00:00:01", "fe:ff:ff:ff:ff:ff"})
    void readsWhatItPrints(String text) {
        assertThat(MacAddress.parse(text)).hasToString(text);
    }

    @Test
    void hasItsBytesInOrder() {
        assertThat(MacAddress.parse("02:74:00:12:34:FF").bytes()).containsExactly(2, 0x74, 0, 0x12, 0x34, -1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "02:74",
                "02-74-00-12-34-56",
                "027400123456",
                "02:74:00:12:34:5g",
                "01:00:5e:00:00:01",
                "ff:ff:ff:ff:ff:ff",
                "00:00:00:00:00:00"
            })
    void refusesTheRestWithTheTextInTheMessage(String text) {
        assertThatThrownBy(() -> MacAddress.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + text + "'");
    }
}
