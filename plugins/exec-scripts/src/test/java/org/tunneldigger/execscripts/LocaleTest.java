// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.execscripts;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Uuids that are not ASCII, in JVMs of all versions installed here, in UTF-8 and other locales. */
class LocaleTest {
    private static final String UUID = "Knöten-中-😀";

    @TempDir
    private Path folder = Path.of("set by JUnit");

    /** Run in a JVM of its own: runs the script given, with the uuid. */
    public static final class Child {
        private Child() {}

        public static void main(String[] arguments) throws Exception {
            ExecScripts plugin = new ScriptFixture(Path.of(arguments[0])).plugin(Map.of("session.up", arguments[1]));
            try {
                plugin.onSessionUp(ScriptFixture.up(UUID));
                System.out.println("passed");
            } catch (Exception e) {
                System.out.println(e.getMessage());
            }
        }
    }

    static Stream<Path> javas() throws IOException {
        TreeSet<Path> homes = new TreeSet<>();
        homes.add(Path.of(System.getProperty("java.home")).toRealPath());
        if (Files.isDirectory(Path.of("/usr/lib/jvm"))) {
            try (Stream<Path> others = Files.list(Path.of("/usr/lib/jvm"))) {
                for (Path other : others.filter(home -> Files.isExecutable(home.resolve("bin/java")))
                        .toList()) {
                    homes.add(other.toRealPath());
                }
            }
        }
        return homes.stream();
    }

    private String run(Path javaHome, Map<String, String> environment) throws Exception {
        String script = new ScriptFixture(folder)
                .script(
                        "up",
                        "printf %s \"$8\" > $OUT/uuid; printf %s \"$TUNNELDIGGER_UUID\" > $OUT/variable; echo \"${LC_ALL-unset},${TUNNELDIGGER_LC_ALL-unset}\" > $OUT/lc");
        ProcessBuilder builder = new ProcessBuilder(
                javaHome.resolve("bin/java").toString(),
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                Child.class.getName(),
                folder.toString(),
                script);
        builder.environment().remove("LC_ALL");
        builder.environment().remove("LANG");
        builder.environment().remove("LC_CTYPE");
        builder.environment().putAll(environment);
        Process child = builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
        return new String(child.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();
    }

    @ParameterizedTest
    @MethodSource("javas")
    void utf8LocalePassesUtf8(Path java) throws Exception {
        assertThat(run(java, Map.of("LC_ALL", "C.UTF-8"))).isEqualTo("passed");
        assertThat(folder.resolve("uuid")).content(StandardCharsets.UTF_8).isEqualTo(UUID);
        assertThat(folder.resolve("variable")).content(StandardCharsets.UTF_8).isEqualTo(UUID);
        assertThat(folder.resolve("lc")).hasContent("C.UTF-8,unset");
    }

    @ParameterizedTest
    @MethodSource("javas")
    void callersLocaleIsPutBackForTheScript(Path java) throws Exception {
        assertThat(run(java, Map.of("LC_ALL", "C.UTF-8", "TUNNELDIGGER_LC_ALL", "C")))
                .isEqualTo("passed");
        assertThat(folder.resolve("uuid")).content(StandardCharsets.UTF_8).isEqualTo(UUID);
        assertThat(folder.resolve("variable")).content(StandardCharsets.UTF_8).isEqualTo(UUID);
        assertThat(folder.resolve("lc")).hasContent("C,unset");
        assertThat(run(java, Map.of("LC_ALL", "C.UTF-8", "TUNNELDIGGER_LC_ALL", "")))
                .isEqualTo("passed");
        assertThat(folder.resolve("lc")).hasContent("unset,unset");
    }

    @ParameterizedTest
    @MethodSource("javas")
    void otherLocaleRefusesRatherThanGarbles(Path java) throws Exception {
        assertThat(run(java, Map.of("LC_ALL", "C"))).contains("lacks");
        assertThat(folder.resolve("uuid")).doesNotExist();
    }
}
