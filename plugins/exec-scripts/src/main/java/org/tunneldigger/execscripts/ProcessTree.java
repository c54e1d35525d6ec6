// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.execscripts;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
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
    private static final int STATE = 0;
    private static final int GROUP = 2;
    private static final int SESSION = 3;
    private static final long GROUP_PATIENCE_MILLIS = 200;
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private ProcessTree() {}

    /** Loads and links what a kill needs: the first one comes when a hook's time is over, and has little time then. */
    static void prepare() {
        members(ProcessHandle.current(), ALL);
    }

    /**
     * Kills the process, its descendants and whoever is in its session (see proc(5), {@code /proc/[pid]/stat}), again and
     * again until none is left, since a process may fork while it is being looked for. Before that its process group, which
     * the kernel kills as a whole, however fast its members fork. Not interruptible; takes some milliseconds.
     *
     * @return how many were still found at the end, usually 0
     */
    static int kill(Process process) {
        boolean interrupted = Thread.interrupted();
        try {
            interrupted |= killGroup(process);
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
                    return 0;
                }
                interrupted |= Thread.interrupted(); // else there were no pauses
                LockSupport.parkNanos(PAUSE_NANOS);
            }
            return members(process.toHandle(), ALL).size();
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * The JVM has no call for it. A living process that leads a group is the only one that has the group's number.
     *
     * @return whether the thread was interrupted meanwhile
     */
    private static boolean killGroup(Process process) {
        String[] fields = fields(Path.of("/proc/" + process.pid()));
        if (fields.length <= GROUP || !fields[GROUP].equals(Long.toString(process.pid()))) {
            return false;
        }
        try {
            Process kill = new ProcessBuilder("/bin/sh", "-c", "kill -s KILL -- \"-$0\"", Long.toString(process.pid()))
                    .redirectErrorStream(true)
                    .redirectOutput(Redirect.DISCARD)
                    .start();
            kill.waitFor(GROUP_PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
            return false;
        } catch (IOException noShell) {
            return false; // one by one, then
        } catch (InterruptedException e) {
            return true;
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
        String[] fields = fields(process);
        if (fields.length <= SESSION || fields[STATE].equals("Z") || fields[STATE].equals("X")) {
            return false;
        }
        return fields[SESSION].equals(Long.toString(leader));
    }

    /** What {@code /proc/[pid]/stat} says behind the command, from {@link #STATE} on; nothing if the process is gone. */
    private static String[] fields(Path process) {
        try {
            String stat = Files.readString(process.resolve("stat"), StandardCharsets.ISO_8859_1);
            // pid (command) state ppid pgrp session …; the command may contain anything, parentheses too
            return stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ", -1);
        } catch (IOException gone) {
            return new String[0];
        }
    }
}
