// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.jshooks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The folder with the scripts: each file whose name ends in {@code .js} and begins with no dot; links are followed.
 *
 * @param directory the folder
 */
record ScriptFolder(Path directory) {
    private static final String ENDING = ".js";
    private static final int MAX_BYTES = 1 << 20;

    /**
     * By what a change is seen.
     *
     * @param identity device and inode: another file was moved into place
     */
    record Stamp(FileTime modified, long bytes, String identity) {}

    static boolean isScriptName(String name) {
        return name.endsWith(ENDING)
                && name.length() > ENDING.length()
                && !name.startsWith(".")
                && name.indexOf('/') < 0;
    }

    /** The scripts that are there now, in the order in which they are called. */
    SortedMap<String, Stamp> look() throws IOException {
        SortedMap<String, Stamp> found = new TreeMap<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path entry : entries) {
                String name = String.valueOf(entry.getFileName());
                if (isScriptName(name)) {
                    add(name, entry, found);
                }
            }
        }
        return found;
    }

    /** @throws ScriptBrokenException if it is no text, too long, or cannot be read */
    ScriptSource read(String name) throws ScriptBrokenException {
        Path file = directory.resolve(name);
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw new ScriptBrokenException(name + ": longer than " + MAX_BYTES + " bytes");
            }
            byte[] bytes = Files.readAllBytes(file);
            return new ScriptSource(
                    name,
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(bytes))
                            .toString());
        } catch (CharacterCodingException e) {
            throw new ScriptBrokenException(name + ": not written in UTF-8");
        } catch (IOException e) {
            throw new ScriptBrokenException(name + ": cannot be read: " + e);
        }
    }

    private static void add(String name, Path entry, SortedMap<String, Stamp> found) throws IOException {
        try {
            BasicFileAttributes attributes = Files.readAttributes(entry, BasicFileAttributes.class);
            if (attributes.isRegularFile()) {
                found.put(
                        name,
                        new Stamp(
                                attributes.lastModifiedTime(),
                                attributes.size(),
                                String.valueOf(attributes.fileKey())));
            }
        } catch (NoSuchFileException e) {
            // removed meanwhile, or a link to nowhere
        }
    }
}
