// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.jshooks;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.tunneldigger.api.ConfigurationKeys;
import org.tunneldigger.api.PluginConfiguration;

/**
 * What the section says.
 *
 * @param directory where the scripts are
 * @param limits of each call
 * @param checkInterval how often the directory is looked at
 * @param required names of files without which the plugin does not start
 * @param forScripts what scripts find in {@code config}
 */
record JsSettings(
        Path directory,
        CallLimits limits,
        Duration checkInterval,
        SortedSet<String> required,
        SortedMap<String, String> forScripts) {
    private static final String FOR_SCRIPTS = "script.";
    private static final long MEGABYTE = 1L << 20;
    private static final Path NO_PATH = Path.of("/");

    static JsSettings read(PluginConfiguration configuration) {
        return configuration.read(keys -> new JsSettings(
                directory(keys),
                new CallLimits(
                        keys.seconds("timeout", Duration.ofSeconds(2), Duration.ofMillis(10), Duration.ofSeconds(60)),
                        keys.seconds(
                                "load_timeout", Duration.ofSeconds(5), Duration.ofMillis(10), Duration.ofSeconds(25)),
                        keys.integer("max_allocation", 32, 1, 65_536) * MEGABYTE),
                keys.seconds("check_interval", Duration.ofSeconds(2), Duration.ofMillis(100), Duration.ofHours(1)),
                new TreeSet<>(keys.list("required", JsSettings::scriptName)),
                forScripts(keys, configuration.values())));
    }

    private static Path directory(ConfigurationKeys keys) {
        if (keys.text("directory").isEmpty()) {
            keys.wrong("directory", "missing: the folder with the scripts");
        }
        return keys.path("directory").orElse(NO_PATH);
    }

    private static String scriptName(String text) {
        if (!ScriptFolder.isScriptName(text)) {
            throw new IllegalArgumentException("'" + text + "' is no name of a file that ends in .js");
        }
        return text;
    }

    private static SortedMap<String, String> forScripts(ConfigurationKeys keys, Map<String, String> section) {
        SortedMap<String, String> values = new TreeMap<>();
        for (String key : section.keySet()) {
            if (key.startsWith(FOR_SCRIPTS)) {
                values.put(key.substring(FOR_SCRIPTS.length()), keys.text(key, ""));
            }
        }
        return values;
    }
}
