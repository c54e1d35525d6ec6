// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.plugins;

import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Which plugins to load, and what to tell them.
 *
 * @param builtIns folder of the plugins that come with the broker; of these only the enabled ones are loaded
 * @param directory the drop-in folder ({@code [plugins] directory}); all its plugins are loaded
 * @param enabled plugin ids in the order on the way up ({@code [plugins] enabled}); drop-ins not named follow in the order
 *     of their file names
 * @param sections each plugin's configuration by plugin id ({@code [plugin.ID]})
 */
public record PluginSettings(
        Optional<Path> builtIns,
        Optional<Path> directory,
        List<String> enabled,
        Map<String, Map<String, String>> sections) {
    private static final String EXEC_SCRIPTS = "exec-scripts";

    public PluginSettings {
        enabled = List.copyOf(enabled);
        Map<String, Map<String, String>> copies = new HashMap<>();
        sections.forEach((id, section) -> copies.put(id, Map.copyOf(section)));
        sections = Map.copyOf(copies);
    }

    /** No plugin at all. */
    public static PluginSettings none() {
        return new PluginSettings(Optional.empty(), Optional.empty(), List.of(), Map.of());
    }

    /**
     * These settings plus the {@code [hooks]} section: if it names a script, exec-scripts is enabled, after the plugins
     * that are enabled by name, and gets the section beside its own.
     */
    public PluginSettings withHookScripts(Map<String, String> hooks) {
        if (hooks.values().stream().allMatch(String::isBlank)) {
            return this;
        }
        List<String> ids = new ArrayList<>(enabled);
        if (!ids.contains(EXEC_SCRIPTS)) {
            ids.add(EXEC_SCRIPTS);
        }
        Map<String, String> section = new HashMap<>(hooks);
        section.putAll(sections.getOrDefault(EXEC_SCRIPTS, Map.of()));
        Map<String, Map<String, String>> all = new HashMap<>(sections);
        all.put(EXEC_SCRIPTS, section);
        return new PluginSettings(builtIns, directory, ids, all);
    }

    /**
     * Where the built-in plugins are: the system property {@code tunneldigger.plugins}, else the folder {@code plugins}
     * beside the broker's jar, else {@code plugins/target/jars} of the checkout that the broker was built in.
     */
    public static Optional<Path> findBuiltIns() {
        String property = System.getProperty("tunneldigger.plugins");
        if (property != null && !property.isBlank()) {
            return Optional.of(Path.of(property));
        }
        return codeSource().flatMap(PluginSettings::nearCode);
    }

    static Optional<Path> nearCode(Path code) {
        Path folder = code.getParent();
        if (folder == null) {
            return Optional.empty();
        }
        Path installed = folder.resolve("plugins");
        Path built = folder.resolve("../../plugins/target/jars").normalize(); // from broker-core/target
        return Stream.of(installed, built).filter(Files::isDirectory).findFirst();
    }

    private static Optional<Path> codeSource() {
        CodeSource source = PluginSettings.class.getProtectionDomain().getCodeSource();
        if (source == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(Path.of(source.getLocation().toURI()));
        } catch (URISyntaxException | IllegalArgumentException notAFile) {
            return Optional.empty();
        }
    }
}
