// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.execscripts;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * What stands before a script on its command line. Both programs replace themselves by the next: each costs one exec, together
 * about a millisecond.
 *
 * <ul>
 *   <li>{@code env --default-signal} (coreutils 8.31 and newer): the JVM starts processes with SIGQUIT blocked, and with the signals
 *       ignored that it was itself started to ignore (SIGINT in the background of a script, SIGHUP under nohup). A script that is
 *       not the JVM's fault should not find {@code kill -QUIT} or a {@code trap} without effect.
 *   <li>{@code setsid} (util-linux, on Debian always): a session of its own, so that all that the script started can be found and
 *       killed, also what has lost its parent, and a Ctrl-C meant for the broker does not hit the scripts by which it cleans up.
 * </ul>
 *
 * <p>Where one is missing scripts run without it.
 */
final class Launcher {
    private static final long PROBE_SECONDS = 5;

    private Launcher() {}

    /** The words to put before a script's path. Tries out {@code env}, once, which takes some milliseconds. */
    static List<String> words() {
        Optional<String> setsid = program("setsid");
        if (setsid.isEmpty()) {
            // env would take a path with an equals sign for a variable
            return List.of();
        }
        List<String> session = List.of(setsid.get(), "--");
        return program("env")
                .filter(Launcher::resetsSignals)
                .map(env -> Stream.concat(Stream.of(env, "--default-signal"), session.stream())
                        .toList())
                .orElse(session);
    }

    private static Optional<String> program(String name) {
        return Stream.of("/usr/bin/" + name, "/bin/" + name)
                .filter(path -> Files.isExecutable(Path.of(path)))
                .findFirst();
    }

    private static boolean resetsSignals(String env) {
        try {
            Process probe = new ProcessBuilder(env, "-i", "--default-signal")
                    .redirectErrorStream(true)
                    .redirectOutput(Redirect.DISCARD)
                    .start();
            if (probe.waitFor(PROBE_SECONDS, TimeUnit.SECONDS)) {
                return probe.exitValue() == 0;
            }
            probe.destroyForcibly();
        } catch (IOException notRunnable) {
            // so it is not used
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return false;
    }
}
