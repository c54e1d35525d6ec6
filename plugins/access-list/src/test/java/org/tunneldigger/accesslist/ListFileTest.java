// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.accesslist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ListFileTest {
    @TempDir
    Path folder;

    @Test
    void aFileThatIsBeingWrittenIsReadWhenItRests() throws IOException {
        Path path = Files.writeString(folder.resolve("deny"), "one\ntwo\n");
        ListFile file = new ListFile(path);
        assertThat(file.look()).isInstanceOf(ListFile.Changed.class);
        Files.writeString(path, "");
        assertThat(file.look()).isEqualTo(ListFile.Unchanged.INSTANCE);
        Files.writeString(path, "one\ntwo\nthree\n");
        assertThat(file.look()).isEqualTo(ListFile.Unchanged.INSTANCE);
        Files.setLastModifiedTime(path, FileTime.from(Instant.now().minusSeconds(5)));
        assertThat(file.look())
                .isInstanceOfSatisfying(
                        ListFile.Changed.class,
                        changed -> assertThat(changed.entries().size()).isEqualTo(3));
    }

    @Test
    void aTimeInTheFutureDelaysNothing() throws IOException {
        Path path = Files.writeString(folder.resolve("deny"), "one\n");
        ListFile file = new ListFile(path);
        file.look();
        Files.writeString(path, "one\ntwo\n");
        Files.setLastModifiedTime(path, FileTime.from(Instant.now().plusSeconds(3600)));
        assertThat(file.look()).isInstanceOf(ListFile.Changed.class);
    }
}
