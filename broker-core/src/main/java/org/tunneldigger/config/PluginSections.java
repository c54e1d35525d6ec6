// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.config;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads {@code [plugins]}, the {@code [plugin.NAME]} sections, and {@code [hooks]}, which configure a plugin too. */
final class PluginSections {
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*");

    private static final Map<String, AuthorizeFailure> AUTHORIZE_FAILURES =
            Map.of("DENY", AuthorizeFailure.DENY, "ALLOW", AuthorizeFailure.ALLOW);

    private final IniFile file;
    private final Values values;
    private final Findings findings;

    PluginSections(IniFile file, Values values, Findings findings) {
        this.file = file;
        this.values = values;
        this.findings = findings;
    }

    BrokerConfig.Plugins read() {
        Map<String, Section> sections = sections();
        Map<String, IniFile.Entry> scripts = scripts();
        List<String> enabled =
                new ArrayList<>(values.list(ConfigKey.PLUGINS_ENABLED, text -> id(ConfigKey.PLUGINS_ENABLED, text)));
        List<String> mandatory =
                values.list(ConfigKey.PLUGINS_MANDATORY, text -> id(ConfigKey.PLUGINS_MANDATORY, text));
        if (!scripts.isEmpty()) {
            Section own = sections.computeIfAbsent(BrokerConfig.EXEC_SCRIPTS, id -> new Section());
            scripts.values().forEach(own::add);
            if (!enabled.contains(BrokerConfig.EXEC_SCRIPTS)) {
                enabled.add(BrokerConfig.EXEC_SCRIPTS);
            }
        }
        Path directory = directory();
        for (IniFile.Section section : file.sections().values()) {
            // A plugin of the directory runs without being named, and who is in there is not known here.
            if (directory == null && isPlugin(section) && !enabled.contains(pluginId(section))) {
                findings.warning(
                        section.line(),
                        "[" + section.name() + "] has no effect: 'enabled' in [plugins] lacks "
                                + Findings.quote(pluginId(section)));
            }
        }
        for (String id : mandatory) {
            if (directory == null && !enabled.contains(id)) {
                values.wrong(ConfigKey.PLUGINS_MANDATORY, Findings.quote(id) + " is not in 'enabled'");
            }
        }
        Map<String, BrokerConfig.PluginSection> read = new LinkedHashMap<>();
        sections.forEach((id, section) -> read.put(id, new BrokerConfig.PluginSection(section.values, section.lines)));
        return new BrokerConfig.Plugins(
                directory,
                enabled,
                mandatory,
                values.word(ConfigKey.AUTHORIZE_FAILURE, AUTHORIZE_FAILURES, AuthorizeFailure.DENY),
                read);
    }

    /** A plugin's section while it is gathered. */
    private static final class Section {
        private final Map<String, String> values = new LinkedHashMap<>();
        private final Map<String, Integer> lines = new LinkedHashMap<>();

        void add(IniFile.Entry entry) {
            values.put(entry.key(), entry.value());
            lines.put(entry.key(), entry.line());
        }
    }

    private @Nullable String id(ConfigKey key, String text) {
        if (ID.matcher(text).matches()) {
            return text;
        }
        values.wrong(key, Findings.quote(text) + " can't be the id of a plugin");
        return null;
    }

    private Map<String, Section> sections() {
        Map<String, Section> sections = new LinkedHashMap<>();
        for (IniFile.Section section : file.sections().values()) {
            if (!isPlugin(section)) {
                continue;
            }
            String id = pluginId(section);
            if (!ID.matcher(id).matches()) {
                findings.mistake(section.line(), Findings.quote(id) + " can't be the id of a plugin");
                continue;
            }
            Section own = new Section();
            section.entries().values().forEach(own::add);
            sections.put(id, own);
        }
        return sections;
    }

    private Map<String, IniFile.Entry> scripts() {
        Map<String, IniFile.Entry> scripts = new LinkedHashMap<>();
        for (ConfigKey key : ConfigKey.inSection("hooks")) {
            IniFile.Entry entry = file.entry(key);
            if (entry == null || entry.value().isEmpty()) {
                continue;
            }
            String path = entry.value();
            scripts.put(key.keyName(), entry);
            checkScript(key, path);
            IniFile.Section own = file.sections().get(KeyCheck.PLUGIN_PREFIX + BrokerConfig.EXEC_SCRIPTS);
            IniFile.Entry twin = own == null ? null : own.entries().get(key.keyName());
            if (twin != null) {
                values.wrong(
                        key,
                        "it is also set at line " + twin.line() + " in [" + KeyCheck.PLUGIN_PREFIX
                                + BrokerConfig.EXEC_SCRIPTS + "]");
            }
        }
        return scripts;
    }

    private void checkScript(ConfigKey key, String text) {
        Path path = absolute(key, text);
        if (path == null) {
            return;
        }
        // A warning only: the script may be put there later, and a file may be checked on another machine. A
        // directory's
        // scripts all run; what is in it is the plugin's business.
        if (!Files.exists(path)) {
            findings.warning(values.line(key), key.keyName() + ": there is no " + Findings.quote(text));
        } else if (!Files.isDirectory(path) && !Files.isExecutable(path)) {
            findings.warning(values.line(key), key.keyName() + ": " + Findings.quote(text) + " is not executable");
        }
    }

    private @Nullable Path directory() {
        String text = values.text(ConfigKey.PLUGIN_DIRECTORY);
        Path path = text.isEmpty() ? null : absolute(ConfigKey.PLUGIN_DIRECTORY, text);
        if (path != null && !Files.isDirectory(path)) {
            findings.warning(
                    values.line(ConfigKey.PLUGIN_DIRECTORY),
                    "directory: there is no directory " + Findings.quote(text));
        }
        return path;
    }

    private @Nullable Path absolute(ConfigKey key, String text) {
        if (!text.startsWith("/")) {
            values.wrong(key, Findings.quote(text) + " is not an absolute path");
            return null;
        }
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            values.wrong(key, Findings.quote(text) + " can't be a path: " + e.getReason());
            return null;
        }
    }

    private static boolean isPlugin(IniFile.Section section) {
        return section.name().startsWith(KeyCheck.PLUGIN_PREFIX);
    }

    private static String pluginId(IniFile.Section section) {
        return section.name().substring(KeyCheck.PLUGIN_PREFIX.length());
    }
}
