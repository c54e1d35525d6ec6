// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/**
 * Hook scripts that note when they began and ended, with what arguments, and whether the session's interface was there. A hook
 * also does what its action says: by default session.up brings the interface up in the bridge {@code br-lab} with its MTU, and
 * session.mtu-changed sets the new MTU, since a slow session.up may just have set the old one.
 */
public final class HookLog {
    /** The hooks' names, which are the keys of {@code [hooks]} too. */
    public static final List<String> HOOKS = List.of(
            "session.up", "session.pre-down", "session.down", "session.mtu-changed", "broker.connection-rate-limit");

    /** Isolated before it forwards, as an operator's script has to do it. */
    private static final String BRIDGE_THE_PORT = """
            ip -batch - <<COMMANDS
            link set dev $3 mtu $4 down master br-lab
            link set dev $3 type bridge_slave isolated on
            link set dev $3 up
            COMMANDS""";

    // Few processes, since each is dear in the emulated guest. One printf a line: appends of that size don't mix.
    private static final String SCRIPT = """
            #!/bin/sh
            folder=${0%/*}
            hook=${0##*/}
            note() {
              mtu=gone
              if [ -e "/sys/class/net/$interface" ]; then read -r mtu <"/sys/class/net/$interface/mtu"; fi
              printf '%s\t%s\t%s\t%s%s\n' "$(date +%s%N)" "$hook" "$1" "${mtu:-gone}" "$line" >>"$folder/log"
            }
            case $hook in session.*) interface=$3 ;; *) interface=none ;; esac
            line=
            for argument in "$@"; do line="$line	$argument"; done
            note begin
            . "$folder/actions/$hook"
            status=$?
            note end
            exit $status
            """;

    private final Path folder;

    private HookLog(Path folder) {
        this.folder = folder;
    }

    static HookLog create(Path folder) {
        try {
            Files.createDirectories(folder.resolve("actions"));
            var log = new HookLog(folder);
            for (String hook : HOOKS) {
                Path script = Files.writeString(log.script(hook), SCRIPT);
                Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
                log.action(hook, "true");
            }
            log.action("session.up", BRIDGE_THE_PORT);
            log.action("session.mtu-changed", "ip link set dev $3 mtu $5");
            return log;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The script to name in the configuration. */
    public Path script(String hook) {
        return folder.resolve(hook);
    }

    /** Sets the shell commands that a hook runs; the hook's arguments are theirs. */
    public void action(String hook, String commands) {
        try {
            Files.writeString(folder.resolve("actions").resolve(hook), commands + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sets commands to run for one client alone, before the hook's usual action. */
    public void actionFor(String hook, String uuid, String commands) {
        String usual = hook.equals("session.up") ? BRIDGE_THE_PORT : "true";
        action(hook, "if [ \"$8\" = '" + uuid + "' ]; then " + commands + "; fi\n" + usual);
    }

    /** All events so far, in the order written. */
    public List<HookEvent> events() {
        Path log = folder.resolve("log");
        try {
            return Files.exists(log)
                    ? Files.readString(log).lines().map(HookEvent::parse).toList()
                    : List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The beginnings of one hook for one client. */
    public List<HookEvent> begun(String hook, String uuid) {
        return events().stream()
                .filter(event -> event.begin()
                        && event.hook().equals(hook)
                        && event.uuid().equals(uuid))
                .toList();
    }

    /** The ends of one hook for one client. */
    public List<HookEvent> ended(String hook, String uuid) {
        return events().stream()
                .filter(event -> !event.begin()
                        && event.hook().equals(hook)
                        && event.uuid().equals(uuid))
                .toList();
    }

    String evidence() {
        var text = new StringBuilder("--- hooks\n");
        for (HookEvent event : events()) {
            text.append(event).append('\n');
        }
        return text.toString();
    }
}
