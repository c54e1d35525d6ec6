// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.execscripts;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A process and all that it started. */
final class ProcessTree {
    private static final int ROUNDS = 20;
    private static final long ALL = 0;
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private ProcessTree() {}

    /** Loads and links what a kill needs: the first one comes when a hook's time is over, and has little time then. */
    static void prepare() {
        members(ProcessHandle.current(), ALL);
    }

    /**
     * Kills the process, its descendants and whoever is in its session (see proc(5), {@code /proc/[pid]/stat}), again and
     * again until none is left, since a process may fork while it is being looked for. Not interruptible; takes some
     * milliseconds.
     */
    static void kill(Process process) {
        boolean interrupted = false;
        try {
            for (int round = 0; round < ROUNDS; round++) {
                // Younger processes have larger numbers, until those are used up: so to look through all is for the
                // end.
                Set<ProcessHandle> members = members(process.toHandle(), process.pid());
                if (members.isEmpty() && !process.isAlive()) {
                    members = members(process.toHandle(), ALL);
                }
                process.destroyForcibly();
                members.forEach(ProcessHandle::destroyForcibly);
                if (members.isEmpty() && !process.isAlive()) {
                    return;
                }
                interrupted |= Thread.interrupted(); // else there were no pauses
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** @param from the smallest process number that is looked at for members of the session */
    private static Set<ProcessHandle> members(ProcessHandle process, long from) {
        Set<ProcessHandle> members = new HashSet<>();
        process.descendants().forEach(members::add);
        addSession(process.pid(), from, members);
        return members;
    }

    private static void addSession(long leader, long from, Set<ProcessHandle> members) {
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : processes) {
                long pid = Long.parseLong(String.valueOf(process.getFileName()));
                if (pid >= from && isLivingMember(process, leader)) {
                    ProcessHandle.of(pid).ifPresent(members::add);
                }
            }
        } catch (IOException noProc) {
            // the descendants must do
        }
    }

    private static boolean isLivingMember(Path process, long leader) {
        String stat;
        try {
            stat = Files.readString(process.resolve("stat"), StandardCharsets.ISO_8859_1);
        } catch (IOException gone) {
            return false;
        }
        // pid (command) state ppid pgrp session …; the command may contain anything, parentheses too
        String[] fields = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ", -1);
        if (fields.length < 4 || fields[0].equals("Z") || fields[0].equals("X")) {
            return false;
        }
        return fields[3].equals(Long.toString(leader));
    }
}
