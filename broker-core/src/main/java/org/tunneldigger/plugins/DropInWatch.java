// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.plugins;

import java.io.IOException;
import java.nio.file.Files;
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
        static Stamp of(Path file) throws IOException {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return new Stamp(
                    attributes.size(), attributes.lastModifiedTime().toMillis(), String.valueOf(attributes.fileKey()));
        }
    }

    private final Path folder;
    private @Nullable Thread thread;

    /** What was told of, and what the last look saw. */
    private final Map<Path, Stamp> told = new HashMap<>();

    private Map<Path, Stamp> seen = new HashMap<>();

    /** What is in the folder now will not be told of. */
    DropInWatch(Path folder) {
        this.folder = folder;
        seen = look();
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
                compare(look(), listener);
            }
        } catch (InterruptedException e) {
            // closed
        } catch (RuntimeException | Error e) {
            log.error("the plugin folder {} is no longer watched: {}", folder, OneLine.of(e));
        }
    }

    private void compare(Map<Path, Stamp> now, Listener listener) throws InterruptedException {
        for (Path file : List.copyOf(told.keySet())) {
            if (!now.containsKey(file) && !seen.containsKey(file)) {
                told.remove(file);
                listener.disappeared(file);
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
            told.put(file, now.get(file));
            listener.appeared(file);
        }
        seen = now;
    }

    private Map<Path, Stamp> look() {
        Map<Path, Stamp> found = new HashMap<>();
        try {
            for (Path file : PluginPackage.list(folder)) {
                try {
                    found.put(file, Stamp.of(file));
                } catch (IOException e) {
                    // gone since it was listed
                }
            }
        } catch (IOException e) {
            log.debug("{}: {}", folder, e.toString());
        }
        return found;
    }
}
