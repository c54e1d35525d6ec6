// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.nativeio;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class InterfacesTest {
    private static final int NONE = Integer.MAX_VALUE;

    @Test
    void isGoneOnlyWhenNeitherTheIndexNorSysfsKnowsIt() {
        int loopback = Interfaces.indexOf("lo");
        assertThat(Interfaces.isGone(NONE, "td-none")).isTrue();
        assertThat(Interfaces.isGone(loopback, "lo")).isFalse();
        assertThat(Interfaces.isGone(loopback, "td-none")).as("renamed").isFalse();
        assertThat(Interfaces.isGone(NONE, "lo")).as("on its way out").isFalse();
    }
}
