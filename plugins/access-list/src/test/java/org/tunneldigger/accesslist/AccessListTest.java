// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.accesslist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tunneldigger.api.event.AccessDecision;
import org.tunneldigger.testing.SampleSessions;
import org.tunneldigger.testing.TestContext;

class AccessListTest {
    @TempDir
    Path folder;

    private final AccessList plugin = new AccessList();
    private final Map<String, String> section = new HashMap<>(Map.of("check_interval", "0.02"));
    private TestContext context = TestContext.of("access-list", section);

    @AfterEach
    void close() throws Exception {
        plugin.close();
        context.close();
    }

    @Test
    void denyGoesBeforeAllowAndOthersAreDeniedWhereThereIsAnAllowList() throws Exception {
        start("allow", "abba\n192.0.2.0/24\n", "deny", "192.0.2.66\nbad\n");
        assertThat(allows("abba", "198.51.100.1")).isTrue();
        assertThat(allows("new", "192.0.2.7")).isTrue();
        assertThat(allows("abba", "192.0.2.66")).isFalse();
        assertThat(allows("bad", "192.0.2.7")).isFalse();
        assertThat(allows("new", "198.51.100.1")).isFalse();
        assertThat(context.metrics().count("refused")).isEqualTo(3);
        assertThat(context.metrics().gauge("allow_entries")).isEqualTo(2);
    }

    @Test
    void othersAreAllowedWhereThereIsADenyListAlone() throws Exception {
        start("deny", "2001:db8::/32\n");
        assertThat(allows("abba", "198.51.100.1")).isTrue();
        assertThat(allows("abba", "2001:db8::7")).isFalse();
    }

    @Test
    void defaultDecidesAboutOthers() throws Exception {
        section.put("default", "deny");
        start("deny", "x\n");
        assertThat(allows("abba", "198.51.100.1")).isFalse();
        section.put("default", "allow");
        start("allow", "x\n");
        assertThat(allows("abba", "198.51.100.1")).isTrue();
    }

    @Test
    void changedFileIsReadAgain() throws Exception {
        start("deny", "bad\n");
        Path file = folder.resolve("deny");
        FileTime time = Files.getLastModifiedTime(file);
        assertThat(allows("abc", "192.0.2.7")).isTrue();
        // same size, same time: what was written just now is looked at again
        Files.writeString(file, "abc\n");
        Files.setLastModifiedTime(file, time);
        await(() -> !allows("abc", "192.0.2.7"));
        assertThat(allows("bad", "192.0.2.7")).isTrue();

        Path replacement = Files.writeString(folder.resolve("new"), "192.0.2.7\n");
        Files.move(replacement, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        await(() -> !allows("other", "192.0.2.7"));
        assertThat(context.metrics().count("reloads")).isEqualTo(2);
    }

    @Test
    void fileWithABadLineLeavesTheListAsItWas() throws Exception {
        start("deny", "bad\n");
        Path file = folder.resolve("deny");
        Files.writeString(file, "abba\n10.0.0.0/40\nx y\n");
        await(() -> logged("ERROR " + file + ":2: ") && logged("ERROR " + file + ":3: ") && logged("stay in force"));
        assertThat(allows("bad", "192.0.2.7")).isFalse();
        assertThat(allows("abba", "192.0.2.7")).isTrue();
        assertThat(context.metrics().count("failed_reloads")).isEqualTo(1);

        Files.writeString(file, "abba\n");
        await(() -> !allows("abba", "192.0.2.7"));
    }

    @Test
    void missingFileLeavesTheListAsItWasAndIsToldOnce() throws Exception {
        start("deny", "bad\n");
        Path file = folder.resolve("deny");
        Files.delete(file);
        await(() -> logged("there is no such file"));
        Files.writeString(folder.resolve("other"), "bad\nabba\n");
        assertThat(allows("bad", "192.0.2.7")).isFalse();
        Files.move(folder.resolve("other"), file);
        await(() -> !allows("abba", "192.0.2.7"));
        assertThat(context.logger().lines())
                .filteredOn(line -> line.contains("there is no such file"))
                .hasSize(1);
    }

    @Test
    void startFailsWithoutTheFileAndWithABadLine() {
        section.put("deny", folder.resolve("absent").toString());
        assertThatThrownBy(() -> plugin.start(context = TestContext.of("access-list", section)))
                .hasMessageContaining("absent: there is no such file");
        assertThatThrownBy(() -> start("deny", "a b\n")).hasMessageContaining("deny:1: one entry a line");
    }

    @Test
    void wrongKeysAreNamed() {
        section.put("default", "maybe");
        assertThatThrownBy(() -> plugin.start(context = TestContext.of("access-list", section)))
                .hasMessageContaining("allow: names no file, nor does deny")
                .hasMessageContaining("'maybe' is none of allow, deny");
    }

    @Test
    void refusalIsLoggedOnceAClientAndNeverAsItIs() throws Exception {
        start("allow", "abba\n");
        for (int i = 0; i < 3; i++) {
            allows("evil\nINFO all is well\u001b[2J", "192.0.2.7");
        }
        assertThat(context.logger().lines())
                .filteredOn(line -> line.contains("evil"))
                .containsExactly("INFO refused uuid \"evil\\nINFO all is well\\u001b[2J\": not on the allow list");
        assertThat(context.metrics().count("refused")).isEqualTo(3);
    }

    @Test
    void madeUpUuidsFillNeitherLogNorMemory() throws Exception {
        start("allow", "abba\n");
        for (int i = 0; i < 3 * RefusalLog.MOST_CLIENTS; i++) {
            allows("made-up-" + i, "192.0.2.7");
        }
        assertThat(context.logger().lines())
                .filteredOn(line -> line.contains("made-up"))
                .hasSize(RefusalLog.MOST_CLIENTS);
        assertThat(context.logger().lines())
                .filteredOn(line -> line.contains("only counted"))
                .hasSize(1);
    }

    private void start(String... filesAndTexts) throws Exception {
        section.remove("allow");
        section.remove("deny");
        for (int i = 0; i < filesAndTexts.length; i += 2) {
            Path file = Files.writeString(folder.resolve(filesAndTexts[i]), filesAndTexts[i + 1]);
            section.put(filesAndTexts[i], file.toString());
        }
        context.close();
        context = TestContext.of("access-list", section);
        plugin.start(context);
    }

    private boolean allows(String uuid, String address) {
        return plugin.authorize(SampleSessions.request(uuid, new InetSocketAddress(address, 40001)))
                instanceof AccessDecision.Allow;
    }

    private boolean logged(String part) {
        return context.logger().lines().stream().anyMatch(line -> line.contains(part));
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long deadlineNanos = System.nanoTime() + 10_000_000_000L;
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("not within 10 s").isLessThan(deadlineNanos);
            Thread.sleep(5);
        }
    }
}
