// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.config;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Looks for sections and keys that nothing reads, and says what was probably meant. */
final class KeyCheck {
    static final String PLUGIN_PREFIX = "plugin.";

    private final Findings findings;

    private KeyCheck(Findings findings) {
        this.findings = findings;
    }

    static void check(IniFile file, Findings findings) {
        KeyCheck check = new KeyCheck(findings);
        file.sections().values().forEach(check::section);
    }

    private void section(IniFile.Section section) {
        String name = section.name();
        if (ConfigKey.sections().contains(name)) {
            section.entries().values().forEach(entry -> key(name, entry));
        } else if (name.equals("DEFAULT")) {
            findings.mistake(
                    section.line(), "keys of [DEFAULT] are not spread over the other sections; move them there");
        } else if (!name.startsWith(PLUGIN_PREFIX)) {
            findings.warning(section.line(), "unknown section [" + name + "] is ignored" + sectionHint(name));
        }
    }

    private static String sectionHint(String name) {
        Optional<String> known = name.toLowerCase(Locale.ROOT).startsWith(PLUGIN_PREFIX)
                ? Optional.of(PLUGIN_PREFIX + name.substring(PLUGIN_PREFIX.length()))
                : Spelling.closest(name, ConfigKey.sections());
        return known.map(word -> "; did you mean [" + word + "]?").orElse("");
    }

    private void key(String section, IniFile.Entry entry) {
        if (ConfigKey.find(section, entry.key()).isPresent()) {
            return;
        }
        Optional<OldKey> old = OldKey.find(section, entry.key());
        String text = old.isPresent()
                ? "'" + entry.key() + "' is no longer used: " + old.get().replacement()
                : "unknown key " + Findings.quote(entry.key()) + " in [" + section + "] is ignored"
                        + keyHint(section, entry.key());
        findings.warning(entry.line(), text);
    }

    private static String keyHint(String section, String name) {
        Optional<ConfigKey> elsewhere = Arrays.stream(ConfigKey.values())
                .filter(key -> key.keyName().equals(name))
                .findFirst();
        if (elsewhere.isPresent()) {
            return "; it belongs in [" + elsewhere.get().section() + "]";
        }
        return Spelling.closest(
                        name,
                        ConfigKey.inSection(section).stream()
                                .map(ConfigKey::keyName)
                                .toList())
                .map(word -> "; did you mean '" + word + "'?")
                .orElse("");
    }
}
