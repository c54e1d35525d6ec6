// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The shipped configuration file and the page about it say what the code does. */
class ConfigDocumentsTest {
    private static final Path SHIPPED = Path.of("../packaging/l2tp_broker.cfg");
    private static final Path PAGE = Path.of("../docs/configuration.md");
    private static final Pattern COMMENTED_KEY = Pattern.compile(";([a-z].*?) =(?: (.*))?");
    private static final Pattern HEADING = Pattern.compile("## (?:\\[([a-z]+)]|.*)");
    private static final Pattern ROW = Pattern.compile("\\| `([^`]+)` \\|[^|]*\\|[^|]*\\| (?:`([^`]*)`|none) \\|.*\\|");

    @Test
    void theShippedFileChangesNothing() {
        ConfigResult.Loaded loaded = (ConfigResult.Loaded) ConfigReader.read(SHIPPED);
        assertThat(loaded.warnings()).isEmpty();
        assertThat(loaded.config()).isEqualTo(Read.clean(""));
    }

    @Test
    void theShippedFileNamesEveryKeyWithItsDefault() throws IOException {
        Map<String, String> found = new LinkedHashMap<>();
        String section = "";
        for (String line : Files.readAllLines(SHIPPED)) {
            Matcher key = COMMENTED_KEY.matcher(line);
            if (line.startsWith("[")) {
                section = line;
            } else if (key.matches()) {
                found.put(section + key.group(1), key.group(2) == null ? "" : key.group(2));
            }
        }
        assertThat(found).isEqualTo(defaults());
    }

    @Test
    void theShippedFileSaysTheSameWithItsCommentSignsRemoved() throws IOException {
        List<String> lines = Files.readAllLines(SHIPPED).stream()
                .map(line -> COMMENTED_KEY.matcher(line).matches() ? line.substring(1) : line)
                .toList();
        assertThat(Read.clean(String.join("\n", lines))).isEqualTo(Read.clean(""));
    }

    @Test
    void thePageNamesEveryKeyWithItsDefault() throws IOException {
        Map<String, String> found = new LinkedHashMap<>();
        String section = "";
        for (String line : Files.readAllLines(PAGE)) {
            Matcher heading = HEADING.matcher(line);
            Matcher row = ROW.matcher(line);
            if (heading.matches()) {
                section = heading.group(1) == null ? "" : "[" + heading.group(1) + "]";
            } else if (!section.isEmpty() && row.matches()) {
                found.put(section + row.group(1), row.group(2) == null ? "" : row.group(2));
            }
        }
        assertThat(found).isEqualTo(defaults());
    }

    @Test
    void thePageNamesEveryOldKey() throws IOException {
        String page = Files.readString(PAGE);
        String old = page.substring(page.indexOf("## Keys of older versions"));
        assertThat(old.lines().filter(line -> line.startsWith("| `")).map(line -> line.split("`", -1)[1]))
                .containsExactlyElementsOf(
                        Arrays.stream(OldKey.values()).map(OldKey::keyName).toList());
    }

    private static Map<String, String> defaults() {
        Map<String, String> defaults = new LinkedHashMap<>();
        for (ConfigKey key : ConfigKey.values()) {
            defaults.put("[" + key.section() + "]" + key.keyName(), key.defaultText());
        }
        return defaults;
    }
}
