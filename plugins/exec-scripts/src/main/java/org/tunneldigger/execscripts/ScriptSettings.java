// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.execscripts;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the configuration says.
 *
 * @param scripts the scripts, at most one a hook
 * @param timeout time for one run of a script, waiting for its turn included; where the file names none, the broker's
 *     deadline for hooks comes first
 * @param maxProcesses scripts running at the same time
 * @param unknownKeys keys of the section that mean nothing here
 */
record ScriptSettings(List<Script> scripts, Duration timeout, int maxProcesses, List<String> unknownKeys) {
    private static final double MAX_TIMEOUT_SECONDS = 3600;
    private static final List<String> HOOKS = List.of(
            "session.up", "session.pre-down", "session.down", "session.mtu-changed", "broker.connection-rate-limit");

    /** @throws IllegalArgumentException with a message for the operator if a number is none or out of range */
    static ScriptSettings read(Map<String, String> section) {
        List<Script> scripts = new ArrayList<>();
        for (String hook : HOOKS) {
            String path = section.getOrDefault(hook, "").strip();
            if (!path.isEmpty()) {
                scripts.add(new Script(hook, Path.of(path).toAbsolutePath()));
            }
        }
        List<String> unknown = section.keySet().stream()
                .filter(key -> !HOOKS.contains(key) && !key.equals("timeout") && !key.equals("max_processes"))
                .sorted()
                .toList();
        return new ScriptSettings(
                List.copyOf(scripts),
                Duration.ofMillis(
                        Math.round(number(section, "timeout", MAX_TIMEOUT_SECONDS, 0.1, MAX_TIMEOUT_SECONDS) * 1000)),
                (int) number(section, "max_processes", 16, 1, 1000),
                unknown);
    }

    @Nullable
    Script script(String hook) {
        return scripts.stream()
                .filter(script -> script.hook().equals(hook))
                .findFirst()
                .orElse(null);
    }

    private static double number(Map<String, String> section, String key, double ifAbsent, double min, double max) {
        String text = section.getOrDefault(key, "").strip();
        if (text.isEmpty()) {
            return ifAbsent;
        }
        try {
            double value = Double.parseDouble(text);
            if (value >= min && value <= max) {
                return value;
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw new IllegalArgumentException(key + " = " + text + " is no number from " + min + " to " + max);
    }
}
