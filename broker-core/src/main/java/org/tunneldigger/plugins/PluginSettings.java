// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.plugins;

import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.tunneldigger.api.PluginConfiguration;

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
        Map<String, PluginConfiguration> sections) {
    public PluginSettings {
        enabled = List.copyOf(enabled);
        sections = Map.copyOf(sections);
    }

    /** No plugin at all. */
    public static PluginSettings none() {
        return new PluginSettings(Optional.empty(), Optional.empty(), List.of(), Map.of());
    }

    PluginConfiguration configuration(String id) {
        PluginConfiguration section = sections.get(id);
        return section != null ? section : PluginConfiguration.of("plugin." + id, Map.of());
    }

    boolean isDropIn(Path file) {
        return directory.isPresent() && directory.get().equals(file.getParent());
    }

    /** The plugin's place in the order on the way up; those that are not named come last. */
    int place(String id) {
        int place = enabled.indexOf(id);
        return place < 0 ? enabled.size() : place;
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
