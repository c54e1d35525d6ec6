// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.accesslist;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One list's file, and what it last said. Used by one thread at a time. */
final class ListFile {
    private static final long LARGEST = 64L * 1024 * 1024;
    // A write within the same tick of the file system's clock would leave the times as they are.
    private static final Duration CLOCK_TICK = Duration.ofSeconds(2);
    // Whoever writes a file in place truncates it first: a moment later it may be whole.
    private static final Duration REST = Duration.ofSeconds(1);

    private final Path path;
    private @Nullable Stamp seen;
    private boolean settled; // whether a later write is sure to have another time than that in the stamp
    private byte @Nullable [] digest; // of what was read last

    /** A file as it was when it was looked at; another one is another content, as a rule. */
    private record Stamp(@Nullable Object inode, long size, Instant modified) {}

    /** What a look brought. */
    sealed interface Look {}

    enum Unchanged implements Look {
        INSTANCE
    }

    record Changed(Entries entries) implements Look {}

    /** @param problems each one complete, with the file and where possible the line */
    record Bad(List<String> problems) implements Look {}

    ListFile(Path path) {
        this.path = path;
    }

    Path path() {
        return path;
    }

    /**
     * Reads the file if it may have changed since the last look; but for the first look, not before a second after its last
     * change. What is bad is told once, until it changes again.
     */
    Look look() {
        try {
            Stamp before = stamp();
            if (before.equals(seen) && settled) {
                return Unchanged.INSTANCE;
            }
            if (seen != null && isBeingWritten(before)) {
                return Unchanged.INSTANCE;
            }
            settled = before.modified().plus(CLOCK_TICK).isBefore(Instant.now());
            seen = before; // if it changes while it is read, the next look reads it again
            byte[] bytes = Files.readAllBytes(path);
            byte[] lastDigest = digest;
            digest = digestOf(bytes);
            if (Arrays.equals(digest, lastDigest)) {
                return Unchanged.INSTANCE;
            }
            EntryParser.Parsed parsed = EntryParser.parse(
                    new String(bytes, StandardCharsets.UTF_8).lines().toList());
            if (parsed.mistakes().isEmpty()) {
                return new Changed(parsed.entries());
            }
            return new Bad(parsed.mistakes().stream()
                    .map(mistake -> path + ":" + mistake)
                    .toList());
        } catch (IOException e) {
            return unreadable(e);
        }
    }

    private static boolean isBeingWritten(Stamp file) {
        Instant now = Instant.now();
        return file.modified().isAfter(now.minus(REST)) && !file.modified().isAfter(now);
    }

    private Look unreadable(IOException e) {
        Stamp none = new Stamp(null, -1, Instant.EPOCH);
        boolean told = none.equals(seen);
        seen = none;
        digest = null;
        if (told) {
            return Unchanged.INSTANCE;
        }
        return new Bad(List.of(path + ": " + words(e)));
    }

    /** Java's message of the first two is the path alone. */
    private static String words(IOException e) {
        if (e instanceof NoSuchFileException) {
            return "there is no such file";
        }
        return e instanceof AccessDeniedException ? "it may not be read" : String.valueOf(e.getMessage());
    }

    private static byte[] digestOf(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException everyJdkHasIt) {
            throw new IllegalStateException(everyJdkHasIt);
        }
    }

    private Stamp stamp() throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
        if (!attributes.isRegularFile()) {
            throw new IOException("this is no file");
        }
        if (attributes.size() > LARGEST) {
            throw new IOException("larger than " + LARGEST + " bytes");
        }
        return new Stamp(
                Optional.ofNullable(attributes.fileKey()).orElse(""),
                attributes.size(),
                attributes.lastModifiedTime().toInstant());
    }
}
