// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.plugins;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Enumeration;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/**
 * Copies of plugin files that nobody else writes to: a jar that is overwritten in place must not change below the classes that
 * are loaded from it. Zips are unpacked. The folder is deleted on close, those of killed brokers by the next one.
 *
 * <p>Safe for all threads.
 */
final class PrivateCopies implements AutoCloseable {
    private static final Path VAR_TMP = Path.of("/var/tmp");
    private static final String PREFIX = "tunneldigger-plugins-";

    private final Path temporary;
    private @Nullable Path folder;

    /** In /var/tmp, since /tmp is memory on many machines and an unpacked plugin may have 60 MB. */
    PrivateCopies() {
        this(Files.isWritable(VAR_TMP) ? VAR_TMP : Path.of(System.getProperty("java.io.tmpdir")));
    }

    PrivateCopies(Path temporary) {
        this.temporary = temporary;
    }

    /** A copy of the jar, or a folder with what is in the zip. */
    Path take(PluginPackage source) throws IOException {
        Path home = Files.createTempDirectory(folder(), source.id() + "-");
        if (!source.zip()) {
            return Files.copy(source.path(), home.resolve("plugin.jar"));
        }
        try (ZipFile file = new ZipFile(source.path().toFile())) {
            for (Enumeration<? extends ZipEntry> entries = file.entries(); entries.hasMoreElements(); ) {
                unpack(file, entries.nextElement(), home);
            }
        }
        return home;
    }

    /** Deletes a copy that no class is loaded from any more. */
    void discard(Path copy) {
        Path home = Files.isDirectory(copy) ? copy : copy.getParent();
        if (home != null) {
            deleteTree(home);
        }
    }

    @Override
    public synchronized void close() {
        if (folder != null) {
            deleteTree(folder);
            folder = null;
        }
    }

    private synchronized Path folder() throws IOException {
        Path made = folder;
        if (made == null) {
            made = Files.createTempDirectory(
                    temporary, PREFIX + ProcessHandle.current().pid() + "-");
            folder = made;
            deleteLeftovers(owner(made));
        }
        return made;
    }

    private static void unpack(ZipFile file, ZipEntry entry, Path home) throws IOException {
        Path target = home.resolve(entry.getName()).normalize();
        if (!target.startsWith(home)) {
            throw new IOException("its entry " + entry.getName() + " leads out of the zip");
        }
        if (entry.isDirectory()) {
            Files.createDirectories(target);
            return;
        }
        Path parent = target.getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        try (InputStream in = file.getInputStream(entry)) {
            Files.copy(in, target);
        }
    }

    /** Those of other users are not ours to delete, nor safe to walk through: they could change below us. */
    private void deleteLeftovers(Object us) {
        try (DirectoryStream<Path> old = Files.newDirectoryStream(temporary, PREFIX + "*")) {
            for (Path leftover : old) {
                String pid = leftover.getFileName()
                        .toString()
                        .substring(PREFIX.length())
                        .replaceFirst("-.*", "");
                if (pid.matches("[0-9]{1,9}")
                        && ProcessHandle.of(Long.parseLong(pid)).isEmpty()
                        && owner(leftover).equals(us)) {
                    deleteTree(leftover);
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            // The next broker tries again.
        }
    }

    private static Object owner(Path path) throws IOException {
        return Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS);
    }

    private static void deleteTree(Path root) {
        try (Stream<Path> tree = Files.walk(root)) {
            for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException | UncheckedIOException e) {
            // A file left in the temporary folder harms nobody; the next broker tries again.
        }
    }
}
