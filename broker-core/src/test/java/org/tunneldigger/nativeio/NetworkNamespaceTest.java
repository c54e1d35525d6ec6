// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.nativeio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class NetworkNamespaceTest {
    @Test
    void takesTheThreadInAndBack() throws Exception {
        String before = current();
        try (TestNamespace namespace = TestNamespace.create()) {
            assertThat(namespace.call(NetworkNamespaceTest::current)).isNotEqualTo(before);
            assertThat(current()).isEqualTo(before);
            assertThatThrownBy(() -> namespace.call(() -> {
                        throw new IllegalArgumentException("from inside");
                    }))
                    .hasMessage("from inside");
            assertThat(current()).isEqualTo(before);
        }
    }

    @Test
    void saysWhichNamespaceIsMissing() {
        assertThatThrownBy(() -> NetworkNamespace.named("td-none").call(() -> 0))
                .hasMessage("open /run/netns/td-none: ENOENT (No such file or directory)");
    }

    @Test
    void interfacesAreThoseOfTheThreadsNamespace() throws Exception {
        try (TestNamespace namespace = TestNamespace.create()) {
            namespace.run("ip", "link", "add", "td-only-here", "type", "bridge");
            assertThat(Interfaces.indexOf("td-only-here")).isZero();
            assertThat(namespace.call(() -> Interfaces.indexOf("td-only-here"))).isPositive();
        }
    }

    private static String current() throws Exception {
        return Files.readSymbolicLink(Path.of("/proc/thread-self/ns/net")).toString();
    }
}
