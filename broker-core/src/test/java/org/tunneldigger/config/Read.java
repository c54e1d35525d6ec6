// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Reads texts for the tests of this package. */
final class Read {
    static final Path FILE = Path.of("broker.cfg");

    private Read() {}

    /** The configuration in a text that is expected to be good. */
    static BrokerConfig good(String... lines) {
        return loaded(lines).config();
    }

    /** The configuration in a text that is expected to be good, without so much as a warning. */
    static BrokerConfig clean(String... lines) {
        ConfigResult.Loaded loaded = loaded(lines);
        assertThat(loaded.warnings()).isEmpty();
        return loaded.config();
    }

    static List<String> warnings(String... lines) {
        return texts(loaded(lines).warnings());
    }

    /** The messages about a text that is expected to be bad. */
    static List<String> mistakes(String... lines) {
        ConfigResult result = ConfigReader.parse(FILE, String.join("\n", lines));
        assertThat(result).isInstanceOf(ConfigResult.Rejected.class);
        return texts(((ConfigResult.Rejected) result).mistakes());
    }

    static List<String> texts(List<ConfigMessage> messages) {
        return messages.stream().map(ConfigMessage::toString).toList();
    }

    /** Adds lines below a section header. */
    static String[] below(String section, String... lines) {
        return Stream.concat(Stream.of("[" + section + "]"), Stream.of(lines)).toArray(String[]::new);
    }

    private static ConfigResult.Loaded loaded(String... lines) {
        ConfigResult result = ConfigReader.parse(FILE, String.join("\n", lines));
        if (result instanceof ConfigResult.Rejected rejected) {
            throw new AssertionError("rejected: " + rejected.mistakes());
        }
        return (ConfigResult.Loaded) result;
    }
}
