// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever the bytes are, there is a result, and nothing is lost without a word. */
@Tag("long")
class ConfigFuzzTest {
    private static final int ROUNDS = 20_000;
    private static final String[] PIECES = {
        "[",
        "]",
        "[broker]",
        "[hooks]",
        "[log]",
        "[plugins]",
        "[plugin.",
        "port",
        "address",
        "interface",
        "max_tunnels",
        "tunnel_id_base",
        "pmtu",
        "connection_rate_limit",
        "enabled",
        "directory",
        "session.up",
        "=",
        ":",
        ",",
        ";",
        "#",
        " ",
        "  ",
        "\t",
        "\n",
        "\n",
        "\n",
        "\r\n",
        "\r",
        "%",
        "%%",
        "%(x)s",
        "${a/b}",
        "\\",
        "\\\n",
        "\"",
        "\uFEFF",
        "\u0000",
        "\u2028",
        "\u00A0",
        "\u0085",
        "\f",
        "\u001F",
        "ı",
        "İ",
        "-",
        "1e9",
        "0",
        "99999",
        "::",
        "127.0.0.1",
        "[::1]",
        "fe80::1%%1",
        "/",
        "true",
        "_",
        ".",
        "DEFAULT",
        "\uD83D\uDE00"
    };

    @Test
    void anyTextHasAResult(@TempDir Path folder) throws Exception {
        for (int seed = 0; seed < ROUNDS; seed++) {
            String text = text(new Random(seed));
            check(seed, text, ConfigReader.parse(Read.FILE, text));
        }
        Path file = folder.resolve("broker.cfg");
        for (int seed = 0; seed < ROUNDS / 20; seed++) {
            Random random = new Random(seed);
            byte[] bytes = text(random).getBytes(StandardCharsets.UTF_8);
            for (int i = 0; i < bytes.length; i += 1 + random.nextInt(200)) {
                bytes[i] = (byte) random.nextInt();
            }
            Files.write(file, bytes);
            check(seed, "bytes", ConfigReader.read(file));
        }
    }

    private static void check(int seed, String text, ConfigResult result) {
        int lines = (int) text.lines().count();
        if (!(result instanceof ConfigResult.Rejected rejected)) {
            return;
        }
        assertThat(rejected.mistakes()).as("seed %d", seed).isNotEmpty().allSatisfy(message -> {
            assertThat(message.text()).doesNotContain("can't be understood");
            if (!text.equals("bytes")) {
                assertThat(message.line()).isBetween(0, lines);
            }
        });
    }

    private static String text(Random random) {
        StringBuilder text = new StringBuilder();
        int pieces = random.nextInt(60);
        for (int i = 0; i < pieces; i++) {
            text.append(PIECES[random.nextInt(PIECES.length)]);
        }
        return text.toString();
    }
}
