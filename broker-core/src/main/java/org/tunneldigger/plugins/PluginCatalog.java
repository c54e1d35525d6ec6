// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.plugins;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/** Which plugin files are to be loaded, in which order. No class of a plugin is loaded here. */
final class PluginCatalog {
    private final BiConsumer<String, String> report;

    /** @param report takes the plugin and the reason for each plugin that is not to be had */
    PluginCatalog(BiConsumer<String, String> report) {
        this.report = report;
    }

    /** The enabled plugins in the order of {@code enabled}, then the other drop-ins by file name. */
    List<PluginPackage> choose(PluginSettings settings) {
        Map<String, PluginPackage> dropIns = read(settings.directory());
        Map<String, PluginPackage> builtIns = read(settings.builtIns());
        List<PluginPackage> chosen = new ArrayList<>();
        for (String id : settings.enabled().stream().distinct().toList()) {
            PluginPackage jar = dropIns.remove(id);
            if (jar == null) {
                jar = builtIns.get(id);
            }
            if (jar != null) {
                chosen.add(jar);
            } else {
                report.accept(id, "it is enabled, but no jar or zip with that Plugin-Id is in " + folders(settings));
            }
        }
        chosen.addAll(dropIns.values());
        return chosen;
    }

    private Map<String, PluginPackage> read(Optional<Path> folder) {
        Map<String, PluginPackage> byId = new LinkedHashMap<>();
        if (folder.isEmpty()) {
            return byId;
        }
        if (!Files.isDirectory(folder.get())) {
            report.accept(folder.get().toString(), "there is no such plugin directory");
            return byId;
        }
        try {
            for (Path path : PluginPackage.list(folder.get())) {
                add(path, byId);
            }
        } catch (IOException e) {
            report.accept(folder.get().toString(), "the plugin directory cannot be read: " + e.getMessage());
        }
        return byId;
    }

    private void add(Path path, Map<String, PluginPackage> byId) {
        try {
            PluginPackage jar = PluginPackage.read(path);
            PluginPackage first = byId.putIfAbsent(jar.id(), jar);
            if (first != null) {
                report.accept(path.toString(), "its Plugin-Id " + jar.id() + " is that of " + first.path() + " too");
            }
        } catch (PluginRefusedException e) {
            report.accept(path.toString(), String.valueOf(e.getMessage()));
        }
    }

    private static String folders(PluginSettings settings) {
        List<String> names = new ArrayList<>();
        settings.directory().ifPresent(folder -> names.add(folder.toString()));
        settings.builtIns().ifPresent(folder -> names.add(folder.toString()));
        return names.isEmpty() ? "any plugin directory (none is known)" : String.join(" or ", names);
    }
}
