// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.execscripts;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/migration.md leaves nothing out that there is to move. */
class MigrationDocumentTest {
    private static final Path TOP = Path.of("../..");
    private static final Pattern SETTING = Pattern.compile("\\$\\{(TUNNELDIGGER_[A-Z_]+):=");

    private final String document;

    MigrationDocumentTest() throws IOException {
        document = Files.readString(TOP.resolve("docs/migration.md"));
    }

    /** The settings at the head of the example scripts. */
    static List<String> exampleSettings() throws IOException {
        try (Stream<Path> scripts = Files.list(TOP.resolve("scripts/hooks"))) {
            StringBuilder all = new StringBuilder();
            for (Path script :
                    scripts.filter(path -> path.toString().endsWith(".sh")).toList()) {
                all.append(Files.readString(script));
            }
            return SETTING.matcher(all).results().map(found -> found.group(1)).toList();
        }
    }

    @Test
    void everySettingOfTheExampleScriptsIsNamed() throws IOException {
        assertThat(exampleSettings())
                .hasSizeGreaterThan(6)
                .allSatisfy(name -> assertThat(document).contains("`" + name + "`"));
    }

    @Test
    void everyExampleScriptIsNamed() throws IOException {
        try (Stream<Path> scripts = Files.list(TOP.resolve("scripts/hooks"))) {
            assertThat(scripts.map(path -> String.valueOf(path.getFileName())).filter(name -> name.endsWith(".sh")))
                    .allSatisfy(name -> assertThat(document).contains(name));
        }
    }

    @Test
    void everyHookIsNamed() {
        for (String hook : ScriptSettings.HOOKS) {
            assertThat(document).contains("`" + hook + "`");
        }
    }
}
