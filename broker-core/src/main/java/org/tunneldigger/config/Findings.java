// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Gathers the messages about one file, so that reading goes on after a mistake. */
final class Findings {
    private static final int LONGEST_QUOTE = 80;
    private static final Comparator<ConfigMessage> BY_LINE = Comparator.comparingInt(ConfigMessage::line);

    private final Path file;
    private final List<ConfigMessage> mistakes = new ArrayList<>();
    private final List<ConfigMessage> warnings = new ArrayList<>();

    Findings(Path file) {
        this.file = file;
    }

    void mistake(int line, String text) {
        mistakes.add(new ConfigMessage(file, line, text));
    }

    void warning(int line, String text) {
        warnings.add(new ConfigMessage(file, line, text));
    }

    /** How many mistakes there are by now: who remembers it knows later whether a value in between was good. */
    int mistakeCount() {
        return mistakes.size();
    }

    List<ConfigMessage> warnings() {
        return warnings.stream().sorted(BY_LINE).toList();
    }

    List<ConfigMessage> mistakes() {
        return mistakes.stream().sorted(BY_LINE).toList();
    }

    /** A piece of the file between quotes, cut where it is too long for a message. */
    static String quote(String text) {
        return text.length() <= LONGEST_QUOTE ? "'" + text + "'" : "'" + text.substring(0, LONGEST_QUOTE) + "…'";
    }
}
