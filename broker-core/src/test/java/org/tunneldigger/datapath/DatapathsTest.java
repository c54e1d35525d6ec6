// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.datapath;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.tunneldigger.nativeio.NativeException;
import org.tunneldigger.nativeio.TestNamespace;
import org.tunneldigger.netlink.L2tpNetlink;

class DatapathsTest {
    private TestNamespace namespace;

    @BeforeEach
    void createNamespace() throws Exception {
        namespace = TestNamespace.create();
    }

    @AfterEach
    void deleteNamespace() throws Exception {
        namespace.close();
    }

    @Test
    void tapWorksHereAndLeavesNothingOfItsProbe() throws Exception {
        OpenResources before = OpenResources.in(namespace);
        for (int i = 0; i < 2; i++) {
            ChosenDatapath chosen = namespace.call(() -> Datapaths.choose(DatapathChoice.TAP));
            assertThat(chosen.datapath().kind()).isEqualTo(DatapathKind.TAP);
            assertThat(chosen.reason()).startsWith("configured");
            chosen.datapath().close();
            chosen.datapath().close();
        }
        assertThat(OpenResources.in(namespace)).isEqualTo(before);
    }

    @Test
    void automaticTakesWhatThereIsAndSaysWhy() throws Exception {
        OpenResources before = OpenResources.in(namespace);
        ChosenDatapath chosen = namespace.call(() -> Datapaths.choose(DatapathChoice.AUTO));
        chosen.datapath().close();
        if (kernelHasL2tp()) {
            assertThat(chosen.datapath().kind()).isEqualTo(DatapathKind.KERNEL);
        } else {
            assertThat(chosen.datapath().kind()).isEqualTo(DatapathKind.TAP);
            assertThat(chosen.reason())
                    .startsWith("the kernel's L2TP does not work here: find netlink family l2tp: ENOENT");
            assertThatThrownBy(() -> namespace.call(() -> Datapaths.choose(DatapathChoice.KERNEL)))
                    .isInstanceOf(IOException.class)
                    .hasMessage(chosen.reason())
                    .hasMessageContaining("modprobe -a l2tp_netlink l2tp_eth");
        }
        assertThat(OpenResources.in(namespace)).isEqualTo(before);
    }

    @Test
    @Tag("kernel-l2tp")
    void kernelWorksAndProbesAgainAtOnce() throws Exception {
        for (int i = 0; i < 3; i++) {
            ChosenDatapath chosen = namespace.call(() -> Datapaths.choose(DatapathChoice.KERNEL));
            assertThat(chosen.datapath().kind()).isEqualTo(DatapathKind.KERNEL);
            chosen.datapath().close();
        }
        assertThat(namespace.run("ip", "-o", "link")).doesNotContain("tdprobe");
    }

    private boolean kernelHasL2tp() throws Exception {
        return namespace.call(() -> {
            try (L2tpNetlink l2tp = L2tpNetlink.open()) {
                return true;
            } catch (NativeException e) {
                return false;
            }
        });
    }
}
