// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.config;

import java.io.IOException;
import java.io.StringReader;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.ini4j.Config;
import org.ini4j.Ini;
import org.ini4j.Profile;
import org.jspecify.annotations.Nullable;

/** A file's sections and values with their lines. Of a section or key that is repeated, the first one counts. */
final class IniFile {
    /**
     * A value as it is meant: {@code %%} turned into {@code %}, a value over several lines joined by spaces. One that is not read
     * and holds a lone {@code %} is as it stands in the file.
     */
    record Entry(String key, String value, int line) {}

    /** A section with its entries by key, in the order of the file. */
    record Section(String name, int line, Map<String, Entry> entries) {}

    private final Map<String, Section> sections = new LinkedHashMap<>();
    private final Findings findings;

    private IniFile(Findings findings) {
        this.findings = findings;
    }

    static IniFile parse(String text, Findings findings) {
        IniFile file = new IniFile(findings);
        IniScan scan = IniScan.of(text, findings);
        Ini ini = new Ini();
        ini.setConfig(dialect());
        try {
            ini.load(new StringReader(scan.joined()));
        } catch (IOException e) {
            findings.mistake(0, "the file can't be understood: " + e.getMessage());
            return file;
        }
        Map<String, Integer> seen = new HashMap<>();
        for (IniScan.SectionPlace place : scan.sections()) {
            int occurrence = seen.merge(place.name(), 1, Integer::sum) - 1;
            List<Profile.Section> parsed = ini.getAll(place.name());
            file.add(place, parsed != null && occurrence < parsed.size() ? parsed.get(occurrence) : null);
        }
        return file;
    }

    Map<String, Section> sections() {
        return sections;
    }

    @Nullable
    Entry entry(ConfigKey key) {
        Section section = sections.get(key.section());
        return section == null ? null : section.entries().get(key.keyName());
    }

    private static Config dialect() {
        Config config = new Config();
        config.setEscape(false);
        config.setEmptyOption(true);
        config.setEmptySection(true);
        config.setMultiSection(true);
        config.setMultiOption(true);
        config.setTree(false);
        config.setComment(false);
        config.setHeaderComment(false);
        config.setInclude(false);
        config.setLowerCaseOption(false);
        config.setLowerCaseSection(false);
        return config;
    }

    private void add(IniScan.SectionPlace place, Profile.@Nullable Section parsed) {
        Section first = sections.get(place.name());
        if (first != null) {
            findings.mistake(
                    place.line(), "section [" + place.name() + "] is already at line " + first.line() + "; join them");
        }
        Section section = new Section(place.name(), place.line(), new LinkedHashMap<>());
        Map<String, Integer> seen = new HashMap<>();
        for (IniScan.KeyPlace key : place.keys()) {
            int occurrence = seen.merge(key.name(), 1, Integer::sum) - 1;
            // get() and getAll() only: fetch() would expand ${…} without end (CVE-2022-41404).
            List<String> values = parsed == null ? null : parsed.getAll(key.name());
            String value = values != null && occurrence < values.size() ? values.get(occurrence) : null;
            add(section, key, value);
        }
        sections.putIfAbsent(place.name(), section);
    }

    private void add(Section section, IniScan.KeyPlace key, @Nullable String raw) {
        if (raw == null) {
            findings.mistake(key.line(), "key " + Findings.quote(key.name()) + " can't be understood");
            return;
        }
        Entry first = section.entries().get(key.name());
        if (first != null) {
            findings.mistake(key.line(), "key " + Findings.quote(key.name()) + " is already at line " + first.line());
            return;
        }
        String value = raw.replace(IniScan.END_OF_VALUE, "").strip();
        boolean lonePercent = value.replace("%%", "").contains("%");
        if (lonePercent && isRead(section, key)) {
            findings.mistake(
                    key.line(),
                    "in the value of " + Findings.quote(key.name())
                            + " a percent sign is written %%; values can't refer to each other");
            return;
        }
        String meant = lonePercent ? value : value.replace("%%", "%");
        section.entries().put(key.name(), new Entry(key.name(), meant, key.line()));
    }

    /** Python's configparser stumbles over a lone percent sign only in what is read, so deployed files may hold some elsewhere. */
    private static boolean isRead(Section section, IniScan.KeyPlace key) {
        return section.name().startsWith(KeyCheck.PLUGIN_PREFIX)
                || ConfigKey.find(section.name(), key.name()).isPresent();
    }
}
