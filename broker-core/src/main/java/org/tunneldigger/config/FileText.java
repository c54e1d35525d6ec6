// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Gets a file's text, or says in plain words why there is none. */
final class FileText {
    /** Far above any configuration; keeps a wrongly named device or log from filling the memory. */
    private static final int LARGEST_BYTES = 1 << 20;

    private FileText() {}

    static @Nullable String read(Path file, Findings findings) {
        byte[] bytes;
        try {
            if (Files.isDirectory(file)) {
                findings.mistake(0, "this is a directory, not a configuration file");
                return null;
            }
            try (InputStream in = Files.newInputStream(file)) {
                bytes = in.readNBytes(LARGEST_BYTES + 1);
            }
        } catch (NoSuchFileException e) {
            findings.mistake(0, "there is no such file");
            return null;
        } catch (AccessDeniedException e) {
            findings.mistake(0, "the file may not be read by this user");
            return null;
        } catch (IOException e) {
            findings.mistake(0, "the file can't be read: " + e.getMessage());
            return null;
        }
        if (bytes.length > LARGEST_BYTES) {
            findings.mistake(0, "the file is larger than a configuration can be (1 MiB)");
            return null;
        }
        return decode(bytes, findings);
    }

    static @Nullable String decode(byte[] bytes, Findings findings) {
        ByteBuffer input = ByteBuffer.wrap(bytes);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(input).toString();
        } catch (CharacterCodingException e) {
            // The decoder stops before the first byte that it can't take.
            int line = 1;
            for (int i = 0; i < input.position(); i++) {
                line += bytes[i] == '\n' ? 1 : 0;
            }
            findings.mistake(line, "this line is not UTF-8 text; save the file as UTF-8");
            return null;
        }
    }
}
