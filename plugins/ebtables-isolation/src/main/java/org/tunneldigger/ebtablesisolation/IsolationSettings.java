// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.ebtablesisolation;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.tunneldigger.api.ConfigurationKeys;

/**
 * The plugin's section.
 *
 * @param uplinks bridge ports that tunnels may reach
 * @param bridges those that rules of ebtables are made for at the start, {@code +} at the end for all that begin so; if empty,
 *     those that tunnels are found in
 * @param table the nftables table, the chain of ebtables
 * @param program the ebtables to run; if empty, the one in PATH or where it usually is
 */
record IsolationSettings(
        IsolationMode mode, List<String> uplinks, List<String> bridges, String table, Optional<Path> program) {
    private static final Pattern INTERFACE = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}");
    private static final Pattern BRIDGES =
            Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}|[A-Za-z0-9_][A-Za-z0-9_.-]{0,13}\\+");
    private static final Pattern TABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,19}");

    static IsolationSettings read(ConfigurationKeys keys) {
        IsolationMode mode = keys.choice("mode", IsolationMode.PORT);
        List<String> uplinks = keys.list("uplinks", name -> matching(INTERFACE, name, "name of an interface"));
        List<String> bridges = keys.list(
                "bridges", name -> matching(BRIDGES, name, "name of a bridge, nor the beginning of one and +"));
        if (mode != IsolationMode.EBTABLES && !bridges.isEmpty()) {
            keys.wrong("bridges", "means something with mode = ebtables alone");
        }
        return new IsolationSettings(
                mode,
                uplinks,
                bridges,
                keys.parsed(
                        "table",
                        "tunneldigger",
                        name -> matching(TABLE, name, "name of at most 20 letters, digits and _")),
                keys.path("program"));
    }

    /** An interface's name may hold what ebtables takes for something else. */
    static boolean isPlainName(String name) {
        return INTERFACE.matcher(name).matches();
    }

    private static String matching(Pattern form, String text, String what) {
        if (!form.matcher(text).matches()) {
            throw new IllegalArgumentException("'" + text + "' is no " + what);
        }
        return text;
    }
}
