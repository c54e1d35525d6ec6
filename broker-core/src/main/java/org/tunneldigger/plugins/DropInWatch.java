// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.plugins;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tunneldigger.hooks.OneLine;

/**
 * Looks at the drop-in folder once a second, on a thread of its own, and tells of files that came, changed or went. A file that
 * is being written is told of when two looks in a row saw the same: no half copied jar is loaded. Looking instead of
 * inotify, because that says nothing on some file systems and nothing when the folder itself is replaced.
 *
 * <p>A file is gone when the kernel says that there is none, and not when it fails to say. Whatever goes wrong costs one look.
 */
final class DropInWatch implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(DropInWatch.class);
    private static final Duration GAP = Duration.ofSeconds(1);
    private static final Duration LAST_CALL = Duration.ofSeconds(10);

    /** Told one after the other, on the watching thread. */
    interface Listener {
        /** There is a new file, or another one in its place. */
        void appeared(Path file) throws InterruptedException;

        void disappeared(Path file) throws InterruptedException;
    }

    /** What a file's content can be told by, without reading it. */
    private record Stamp(long size, long modifiedMillis, String inode) {
        static Stamp of(BasicFileAttributes attributes) {
            return new Stamp(
                    attributes.size(), attributes.lastModifiedTime().toMillis(), String.valueOf(attributes.fileKey()));
        }
    }

    private final Path folder;
    private @Nullable Thread thread;

    /** What was told of, and what the last look saw. */
    private final Map<Path, Stamp> told = new HashMap<>();

    private Map<Path, Stamp> seen = new HashMap<>();

    /** What went wrong at the last look, and was logged; empty if nothing did. */
    private String trouble = "";

    /** What is in the folder now will not be told of. */
    DropInWatch(Path folder) {
        this.folder = folder;
        try {
            seen = look();
        } catch (IOException e) {
            troubled("cannot be read: " + OneLine.of(e));
        }
        told.putAll(seen);
    }

    void start(Listener listener) {
        Thread started = new Thread(() -> run(listener), "plugin-folder");
        started.setDaemon(true);
        started.start();
        thread = started;
    }

    @Override
    public void close() {
        Thread started = thread;
        if (started == null) {
            return;
        }
        started.interrupt();
        try {
            started.join(LAST_CALL.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run(Listener listener) {
        try {
            while (true) {
                Thread.sleep(GAP.toMillis());
                lookAgain(listener);
            }
        } catch (InterruptedException e) {
            // closed
        }
    }

    private void lookAgain(Listener listener) throws InterruptedException {
        try {
            compare(look(), listener);
            if (!trouble.isEmpty()) {
                log.info("the plugin folder {}: all is well again", folder);
                trouble = "";
            }
        } catch (IOException e) {
            troubled("cannot be read, the plugins go on as they are: " + OneLine.of(e));
        } catch (RuntimeException | Error e) {
            troubled("what changed there could not be taken over: " + OneLine.of(e));
        }
    }

    private void troubled(String what) {
        if (!what.equals(trouble)) {
            log.warn("the plugin folder {}: {}", folder, what);
            trouble = what;
        }
    }

    private void compare(Map<Path, Stamp> now, Listener listener) throws InterruptedException {
        for (Path file : List.copyOf(told.keySet())) {
            if (!now.containsKey(file) && !seen.containsKey(file)) {
                listener.disappeared(file);
                told.remove(file);
            }
        }
        List<Path> settled = new ArrayList<>();
        now.forEach((file, stamp) -> {
            if (stamp.equals(seen.get(file)) && !stamp.equals(told.get(file))) {
                settled.add(file);
            }
        });
        settled.sort(null);
        for (Path file : settled) {
            listener.appeared(file);
            told.put(file, now.get(file));
        }
        seen = now;
    }

    /** @throws IOException if it cannot be told what there is; a folder that does not exist has no files */
    private Map<Path, Stamp> look() throws IOException {
        Map<Path, Stamp> found = new HashMap<>();
        try {
            for (Path file : PluginPackage.named(folder)) {
                lookAt(file, found);
            }
        } catch (NoSuchFileException noFolder) {
            log.debug("{}: {}", folder, noFolder.toString());
        }
        return found;
    }

    private void lookAt(Path file, Map<Path, Stamp> found) throws IOException {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            if (attributes.isRegularFile()) {
                found.put(file, Stamp.of(attributes));
            }
        } catch (NoSuchFileException gone) {
            // since it was listed, or what it links to
        } catch (IOException unknown) {
            if (told.containsKey(file)) {
                throw unknown;
            }
        }
    }
}
