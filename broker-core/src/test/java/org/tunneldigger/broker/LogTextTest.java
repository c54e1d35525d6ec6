// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.broker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tunneldigger.protocol.Endpoint;

class LogTextTest {

    @Test
    void aUuidStaysOnItsLineAndWithinBounds() {
        assertThat(LogText.ofUuid("node \"1\" ünïcode")).isEqualTo("node \"1\" ünïcode");
        assertThat(LogText.ofUuid("a\nERROR forged\r\u001b[31m\u202e\u2028")).isEqualTo("a?ERROR forged??[31m??");
        assertThat(LogText.ofUuid("x".repeat(200))).hasSize(81).endsWith("…");
    }

    @Test
    void addressesAreShownOnlyWhereConfigured() {
        Endpoint endpoint = Endpoint.v4(0x01020304, 5);
        assertThat(new LogText(true).of(endpoint)).isEqualTo("1.2.3.4:5");
        assertThat(new LogText(false).of(endpoint)).doesNotContain("1.2.3.4");
    }
}
