// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.ebtablesisolation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Mode ebtables: with a stand-in that writes down how it is called, and with the real program where the kernel has its match. */
class EbtablesModeTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"/usr/sbin/ebtables-nft", "/usr/sbin/ebtables-legacy"})
    @Tag("kernel-l2tp")
    void tunnelsAreApartFromTheFirstToTheLastOfABridge(String program) throws Exception {
        String[] rules = {program, "-L"};
        try (IsolationFixture fixture =
                new IsolationFixture("mode", "ebtables", "uplinks", "td-u", "program", program)) {
            startOrSkip(fixture, program);
            for (String port : List.of("td-a", "td-b", "td-u")) {
                fixture.join(port);
                fixture.up(port);
            }
            assertThat(fixture.kernel.broker(rules)).containsOnlyOnce("--logical-in td-br0 -j DROP");
            assertThat(fixture.kernel.reaches(fixture.a, IsolationFixture.MACHINE))
                    .isTrue();
            assertThat(fixture.kernel.reaches(fixture.b, IsolationFixture.MACHINE))
                    .isTrue();
            assertThat(fixture.kernel.reaches(fixture.a, IsolationFixture.UPLINK_ADDRESS))
                    .isTrue();
            assertThat(fixture.kernel.cannotReach(fixture.a, IsolationFixture.B_ADDRESS))
                    .isTrue();

            fixture.down("td-a");
            assertThat(fixture.kernel.broker(rules)).contains("--logical-in td-br0");
            fixture.down("td-b");
            assertThat(fixture.kernel.broker(rules)).doesNotContain("--logical-in");
            assertThat(fixture.reachesAgain(fixture.a, IsolationFixture.B_ADDRESS))
                    .isTrue();
            fixture.stop();
            assertThat(fixture.kernel.broker(rules)).doesNotContain("tunneldigger");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/usr/sbin/ebtables-nft", "/usr/sbin/ebtables-legacy"})
    @Tag("kernel-l2tp")
    void namedBridgesHaveTheirRuleBeforeTheFirstTunnel(String program) throws Exception {
        String[] rules = {program, "-L"};
        try (IsolationFixture fixture =
                new IsolationFixture("mode", "ebtables", "bridges", "td-br+", "program", program)) {
            startOrSkip(fixture, program);
            fixture.up("td-a");
            fixture.up("td-b");
            fixture.join("td-a");
            fixture.join("td-b");
            assertThat(fixture.kernel.reaches(fixture.a, IsolationFixture.MACHINE))
                    .isTrue();
            assertThat(fixture.kernel.reaches(fixture.b, IsolationFixture.MACHINE))
                    .isTrue();
            assertThat(fixture.kernel.cannotReach(fixture.a, IsolationFixture.B_ADDRESS))
                    .isTrue();

            // an earlier run that was killed
            fixture.start();
            assertThat(fixture.kernel.broker(rules))
                    .containsOnlyOnce("-j tunneldigger")
                    .containsOnlyOnce("-j DROP");
            fixture.stop();
            assertThat(fixture.kernel.broker(rules)).doesNotContain("tunneldigger");
        }
    }

    @Test
    void bridgeHasItsRuleWhileItHasTunnels() throws Exception {
        try (IsolationFixture fixture =
                new IsolationFixture("mode", "ebtables", "program", standIn("[ \"$1 $2\" != \"-L tunneldigger\" ]"))) {
            fixture.start();
            assertThat(calls()).endsWith("-N tunneldigger -P RETURN", "-A FORWARD -j tunneldigger");
            fixture.join("td-a");
            fixture.up("td-a");
            assertThat(calls()).containsExactly("-A tunneldigger --logical-in td-br0 -j DROP");
            fixture.join("td-b");
            fixture.up("td-b");
            fixture.moved("td-b");
            assertThat(calls()).isEmpty();

            fixture.join("td-a", "td-br1");
            fixture.moved("td-a");
            assertThat(calls()).containsExactly("-A tunneldigger --logical-in td-br1 -j DROP");
            fixture.down("td-b");
            assertThat(calls()).containsExactly("-D tunneldigger --logical-in td-br0 -j DROP");
            fixture.down("td-b");
            assertThat(calls()).isEmpty();
        }
    }

    @Test
    void modeThatDoesNotWorkNamesThoseThatDo() throws Exception {
        String program = standIn("[ $3 != --logical-in ] || { echo no such match >&2; exit 1; }");
        try (IsolationFixture fixture = new IsolationFixture("mode", "ebtables", "program", program)) {
            assertThatThrownBy(fixture::start)
                    .hasMessageContaining(
                            "mode ebtables does not work here: ebtables -A tunneldigger_probe --logical-in"
                                    + " tunneldigger0 -j DROP: exit status 1: no such match; what does: port");
        }
    }

    @Test
    void wrongKeysAreAllNamed() throws Exception {
        try (IsolationFixture fixture =
                new IsolationFixture("mode", "iptables", "uplinks", "eth0, -j", "bridges", "br0", "table", "a b")) {
            assertThatThrownBy(fixture::start)
                    .hasMessageContaining("mode: 'iptables' is none of port, nftables, ebtables")
                    .hasMessageContaining("uplinks: '-j'")
                    .hasMessageContaining("bridges: means something with mode = ebtables alone")
                    .hasMessageContaining("table: 'a b'");
        }
    }

    private static void startOrSkip(IsolationFixture fixture, String program) throws Exception {
        try {
            fixture.kernel.broker(program, "-A", "FORWARD", "--logical-in", "td-try", "-j", "DROP");
            fixture.kernel.broker(program, "-F", "FORWARD");
        } catch (IOException e) {
            assumeTrue(false, "no rules of ebtables for bridges here: " + e.getMessage());
        }
        fixture.start();
    }

    /** A program that writes its arguments down. */
    private String standIn(String then) throws IOException {
        Path program = folder.resolve("ebtables");
        Files.writeString(
                program,
                "#!/bin/sh\n[ \"$1\" != --concurrent ] || shift\necho \"$*\" >>" + folder.resolve("calls") + "\n" + then
                        + "\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        return program.toString();
    }

    /** How it was called since this was last asked. */
    private List<String> calls() throws IOException {
        Path calls = folder.resolve("calls");
        if (!Files.exists(calls)) {
            return List.of();
        }
        List<String> lines = Files.readAllLines(calls);
        Files.delete(calls);
        return lines;
    }
}
