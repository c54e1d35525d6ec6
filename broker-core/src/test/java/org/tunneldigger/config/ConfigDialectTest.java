// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How the text is cut into sections, keys and values, and files that are no such text. */
class ConfigDialectTest {
    @TempDir
    private Path folder;

    @Test
    void valuesAreNotTouched() {
        assertThat(pluginKeys(
                        "a = x ; no comment",
                        "b = x # no comment",
                        "c = back\\slash \\n",
                        "c2 = ends with\\",
                        "d = ${broker/port} ${d}",
                        "e = 50%%",
                        "f : g = h",
                        "i = \"quoted\"",
                        "j =",
                        "k = [x]",
                        "l = grüße"))
                .containsExactly(
                        entry("a", "x ; no comment"),
                        entry("b", "x # no comment"),
                        entry("c", "back\\slash \\n"),
                        entry("c2", "ends with\\"),
                        entry("d", "${broker/port} ${d}"),
                        entry("e", "50%"),
                        entry("f", "g = h"),
                        entry("i", "\"quoted\""),
                        entry("j", ""),
                        entry("k", "[x]"),
                        entry("l", "grüße"));
    }

    @Test
    void deeperLinesContinueAValue() {
        assertThat(pluginKeys(
                        "  a = 1,",
                        "   2,",
                        "",
                        "# comment",
                        "   ; comment",
                        "     [3]",
                        "   b = 4",
                        "  c =",
                        "    5",
                        "  d = 6",
                        " e = 7",
                        "  f = 8"))
                .containsExactly(
                        entry("a", "1, 2, [3] b = 4"), entry("c", "5"), entry("d", "6"), entry("e", "7 f = 8"));
    }

    @Test
    void carriageReturnsAreLineEnds() {
        BrokerConfig config = Read.clean("[broker]\r\nport = 53,\r\n  54\r\n\r\n; c\r\n[log]\r\nverbosity=ERROR\r\n");
        assertThat(config.listen().ports()).containsExactly(53, 54);
        assertThat(config.log().verbosity()).isEqualTo(LogVerbosity.ERROR);
    }

    @Test
    void headersMayCarryAComment() {
        assertThat(Read.clean("[broker] ; main", "port=1").listen().ports()).containsExactly(1);
        assertThat(Read.warnings("[broker] port=1"))
                .containsExactly("broker.cfg:1: what follows the section header is ignored: 'port=1'");
    }

    @Test
    void linesThatAreNothing() {
        assertThat(Read.mistakes("[broker]", "port", "= 5", "[log", "[]", "a\\=1", "verbosity = a\u0000b", "; c\u0000"))
                .containsExactly(
                        "broker.cfg:2: neither a [section] nor 'key = value' nor a comment: 'port'",
                        "broker.cfg:3: there is no key before '= 5'",
                        "broker.cfg:4: a section header is a name between [ and ]",
                        "broker.cfg:5: a section header is a name between [ and ]",
                        "broker.cfg:6: a key can't hold a backslash: 'a\\'",
                        "broker.cfg:7: this line holds a control character");
    }

    @Test
    void keyBeforeAnySectionIsSaidOnce() {
        assertThat(Read.mistakes("", "port=1", "address=::", "[broker]"))
                .containsExactly("broker.cfg:2: key 'port' stands before any section; begin with [broker]");
    }

    @Test
    void byteOrderMark() {
        assertThat(Read.mistakes("\uFEFF[broker]", "port=x"))
                .containsExactly(
                        "broker.cfg:1: the file starts with a byte order mark; save it as UTF-8 without one",
                        "broker.cfg:2: port: 'x' is not a whole number");
    }

    @Test
    void repetitionsNameBothLines() {
        assertThat(Read.mistakes("[broker]", "port=1", "PORT=2", "[log]", "[broker]", "pmtu=x"))
                .containsExactly(
                        "broker.cfg:3: key 'port' is already at line 2",
                        "broker.cfg:5: section [broker] is already at line 1; join them");
    }

    @Test
    void percentSigns() {
        assertThat(Read.mistakes(
                        "[hooks]",
                        "session.up=/%(here)s",
                        "session.down=/100%",
                        "[broker]",
                        "port=%%%",
                        "[plugin.x]",
                        "any=%"))
                .hasSize(4)
                .allSatisfy(text -> assertThat(text).contains("a percent sign is written %%"));
    }

    @Test
    void percentSignsInWhatIsNotRead() {
        assertThat(Read.warnings(
                        "[log]", "filename=/var/log/td-%Y.log", "[broker]", "prot=%", "[else]", "any=%(here)s"))
                .hasSize(3)
                .noneMatch(text -> text.contains("percent"));
    }

    @Test
    void defaultSection() {
        assertThat(Read.mistakes("[DEFAULT]", "port=1"))
                .singleElement()
                .asString()
                .contains("[DEFAULT]");
    }

    @Test
    void notUtf8() throws Exception {
        Path file = folder.resolve("latin1.cfg");
        Files.write(file, new byte[] {'[', 'a', ']', '\r', '\n', ';', ' ', (byte) 0xFC, '\n'});
        assertRejected(file, ":2: this line is not UTF-8 text; save the file as UTF-8");
    }

    @Test
    void filesThatCannotBeRead() throws Exception {
        assertRejected(folder.resolve("none"), ": there is no such file");
        assertRejected(folder, ": this is a directory, not a configuration file");
        Path large = folder.resolve("large");
        Files.write(large, new byte[(1 << 20) + 1]);
        assertRejected(large, ": the file is larger than a configuration can be (1 MiB)");
        assertRejected(Path.of("/dev/zero"), ": the file is larger than a configuration can be (1 MiB)");
        assertRejected(
                Files.createSymbolicLink(folder.resolve("loop"), folder.resolve("loop")), ": the file can't be read: ");
        Path secret =
                Files.createFile(folder.resolve("secret"), PosixFilePermissions.asFileAttribute(java.util.Set.of()));
        if (!Files.isReadable(secret)) { // root reads everything
            assertRejected(secret, ": the file may not be read by this user");
        }
    }

    private static void assertRejected(Path file, String message) {
        List<ConfigMessage> mistakes = ((ConfigResult.Rejected) ConfigReader.read(file)).mistakes();
        assertThat(mistakes).singleElement().asString().startsWith(file + message);
    }

    private static Map<String, String> pluginKeys(String... lines) {
        return Read.good("[plugins]", "enabled=p", "[plugin.p]", String.join("\n", lines))
                .plugins()
                .section("p")
                .values();
    }
}
