// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.api;

import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * A plugin's own section of the broker's configuration file, {@code [plugin.ID]}. Read as one piece, so that the operator is
 * told all mistakes at once:
 *
 * <pre>{@code
 * Settings settings = context.configuration().read(keys -> new Settings(
 *         keys.text("prefix", "digger"),
 *         keys.integer("rule_priority", 1000, 1, 65535)));
 * }</pre>
 *
 * <p>A key of the section that the plugin does not ask for is warned about. Immutable but for that, usable from every thread.
 */
public final class PluginConfiguration {
    private final String section;
    private final Map<String, String> values;
    private final Map<String, Integer> lines;
    private volatile List<String> unknown;
    private volatile boolean read;

    private PluginConfiguration(String section, Map<String, String> values, Map<String, Integer> lines) {
        this.section = section;
        this.values = Map.copyOf(values);
        this.lines = Map.copyOf(lines);
        this.unknown = List.copyOf(new TreeSet<>(values.keySet()));
    }

    /**
     * A section of the given values; in a plugin's tests, where no broker has read one.
     *
     * @param section the section's name, for messages
     * @param values by key in lower case
     */
    public static PluginConfiguration of(String section, Map<String, String> values) {
        return of(section, values, Map.of());
    }

    /**
     * A section as it stands in a file.
     *
     * @param lines the line of each key, from 1
     */
    public static PluginConfiguration of(String section, Map<String, String> values, Map<String, Integer> lines) {
        return new PluginConfiguration(section, values, lines);
    }

    /**
     * Has the section read.
     *
     * @param reader asks for each key that the plugin knows, every one of them, and makes its settings of them
     * @throws ConfigurationException if a value is wrong; thrown after all were asked for
     */
    public <T> T read(Function<ConfigurationKeys, T> reader) {
        ConfigurationKeys keys = new ConfigurationKeys(this);
        T settings;
        try {
            settings = reader.apply(keys);
        } catch (IllegalArgumentException e) {
            // Settings made of stand-ins for wrong values may not be possible; the mistakes say why.
            keys.throwIfWrong();
            throw e;
        }
        TreeSet<String> left = new TreeSet<>(values.keySet());
        left.removeAll(keys.asked());
        unknown = List.copyOf(left);
        read = true;
        keys.throwIfWrong();
        return settings;
    }

    /** The section as it is: keys in lower case, values as text, unmodifiable. Empty if the file has no such section. */
    public Map<String, String> values() {
        return values;
    }

    /** What to warn about: the keys that nobody asked for, each as a whole sentence. */
    public List<String> warnings() {
        return unknown.stream()
                .map(key -> where(key) + (read ? "unknown key, ignored" : "this plugin reads no configuration"))
                .toList();
    }

    String where(String key) {
        Integer line = lines.get(key);
        return (line == null ? "" : "line " + line + ": ") + "[" + section + "] " + key + ": ";
    }
}
