// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.plugins;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Folders that cannot be read, and listeners that fail. */
@Tag("long")
class DropInWatchTest {
    @TempDir
    private Path home = Path.of("set by JUnit");

    private final List<String> told = new CopyOnWriteArrayList<>();
    private Path folder = home;
    private int failuresToCome;

    private final DropInWatch.Listener listener = new DropInWatch.Listener() {
        @Override
        public void appeared(Path file) {
            told.add("+" + file.getFileName());
            fail();
        }

        @Override
        public void disappeared(Path file) {
            told.add("-" + file.getFileName());
            fail();
        }

        private void fail() {
            if (failuresToCome-- > 0) {
                throw new LinkageError("no");
            }
        }
    };

    @BeforeEach
    void makeFolder() throws IOException {
        folder = Files.createDirectory(home.resolve("plugins"));
        Files.writeString(folder.resolve("a.jar"), "a");
    }

    private void awaitTold(String... expected) throws InterruptedException {
        long endNanos = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!told.equals(List.of(expected))) {
            assertThat(System.nanoTime() - endNanos).as(told.toString()).isNegative();
            Thread.sleep(10);
        }
    }

    @Test
    void unreadableFolderIsNoEmptyFolder() throws Exception {
        try (DropInWatch watch = new DropInWatch(folder)) {
            watch.start(listener);
            Path away = Files.move(folder, home.resolve("away"));
            Files.writeString(folder, "no folder");
            Thread.sleep(3500); // three looks; two of an empty folder would be enough to tell
            Files.delete(folder);
            Files.move(away, folder);
            Files.writeString(folder.resolve("b.jar"), "b");
            awaitTold("+b.jar");
        }
    }

    @Test
    void fileThatCannotBeLookedAtIsNotGone() throws Exception {
        try (DropInWatch watch = new DropInWatch(folder)) {
            watch.start(listener);
            Path away = Files.move(folder.resolve("a.jar"), home.resolve("a.jar"));
            Files.createSymbolicLink(folder.resolve("a.jar"), Path.of("a.jar")); // to itself
            Thread.sleep(3500);
            Files.delete(folder.resolve("a.jar"));
            Files.move(away, folder.resolve("a.jar"));
            Files.writeString(folder.resolve("b.jar"), "b");
            awaitTold("+b.jar");
        }
    }

    @Test
    void folderThatIsGoneHasNoFiles() throws Exception {
        try (DropInWatch watch = new DropInWatch(folder)) {
            watch.start(listener);
            Files.move(folder, home.resolve("away"));
            awaitTold("-a.jar");
        }
    }

    @Test
    void errorCostsOneLook() throws Exception {
        failuresToCome = 2;
        try (DropInWatch watch = new DropInWatch(folder)) {
            watch.start(listener);
            Files.delete(folder.resolve("a.jar"));
            awaitTold("-a.jar", "-a.jar", "-a.jar");
        }
    }
}
