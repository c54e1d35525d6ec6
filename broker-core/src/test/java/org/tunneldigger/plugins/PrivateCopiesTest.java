// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.plugins;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** As root, like the tests of the kernel's interfaces: files are given to another user. */
class PrivateCopiesTest {
    private static final int NOBODY = 65534;

    @TempDir
    private Path temporary = Path.of("set by JUnit");

    /** What a broker with a process number beyond the kernel's largest would have left. */
    private Path leftover(String name) throws IOException {
        Path folder = Files.createDirectory(temporary.resolve("tunneldigger-plugins-" + name));
        Files.writeString(folder.resolve("plugin.jar"), "old");
        return folder;
    }

    @Test
    void leftoversOfOursAreDeletedAndThoseOfOthersAreNot() throws Exception {
        Path ours = leftover("99999999-1");
        Path living = leftover(ProcessHandle.current().pid() + "-1");
        Path others = leftover("99999999-2");
        Files.setAttribute(others, "unix:uid", NOBODY);
        Path jar = Files.writeString(temporary.resolve("any.jar"), "new");
        try (PrivateCopies copies = new PrivateCopies(temporary)) {
            assertThat(copies.take(new PluginPackage(jar, "any"))).hasContent("new");
            assertThat(ours).doesNotExist();
            assertThat(living.resolve("plugin.jar")).exists();
            assertThat(others.resolve("plugin.jar")).exists();
        }
    }
}
