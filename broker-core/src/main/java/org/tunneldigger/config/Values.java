// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.config;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Typed reading of one file's values. What is missing counts as the key's default; what is wrong is reported and then
 * counts as the default too, so that reading goes on. Numbers and booleans take every form that Python's configparser
 * takes, which deployed files were written for.
 */
final class Values {
    private static final Pattern INTEGER = Pattern.compile("[+-]?\\d+(_\\d+)*");
    private static final Pattern NUMBER =
            Pattern.compile("[+-]?(\\d+(_\\d+)*\\.?|(\\d+(_\\d+)*)?\\.\\d+(_\\d+)*)([eE][+-]?\\d+)?");
    private static final int LONGEST_INTEGER = 18;
    private static final double NANOS_PER_SECOND = 1e9;
    private static final Map<String, Boolean> BOOLEANS = Map.of(
            "1", true, "yes", true, "true", true, "on", true, "0", false, "no", false, "false", false, "off", false);

    /** Deployed files that repeat an item of these worked, and what was meant is plain. */
    private static final Set<ConfigKey> MAY_REPEAT = Set.of(ConfigKey.ADDRESS, ConfigKey.PORT);

    private final IniFile file;
    private final Findings findings;

    Values(IniFile file, Findings findings) {
        this.file = file;
        this.findings = findings;
    }

    /** The line that the key stands on, or 0. */
    int line(ConfigKey key) {
        IniFile.Entry entry = file.entry(key);
        return entry == null ? 0 : entry.line();
    }

    /** The value as it stands in the file; an empty address is the default too, as it means every address to bind(2). */
    String text(ConfigKey key) {
        IniFile.Entry entry = file.entry(key);
        if (entry == null || entry.value().isEmpty() && key == ConfigKey.ADDRESS) {
            return key.defaultText();
        }
        return entry.value();
    }

    void wrong(ConfigKey key, String problem) {
        findings.mistake(line(key), key.keyName() + ": " + problem);
    }

    int integer(ConfigKey key, int least, int most) {
        @Nullable Integer value = integer(text(key), least, most, problem -> wrong(key, problem));
        return value != null ? value : Integer.parseInt(key.defaultText());
    }

    /** Seconds with a fraction, as ns; what is above 0 s is above 0 ns. */
    long secondsAsNanos(ConfigKey key, boolean zeroAllowed, int mostSeconds) {
        String text = text(key);
        if (!NUMBER.matcher(text).matches()) {
            wrong(key, Findings.quote(text) + " is not a number of seconds");
            return nanos(Double.parseDouble(key.defaultText()));
        }
        double seconds = Double.parseDouble(text.replace("_", ""));
        if (seconds < 0 || seconds > mostSeconds || seconds == 0 && !zeroAllowed) {
            wrong(
                    key,
                    Findings.quote(text) + " is not within " + (zeroAllowed ? "0…" : "above 0…") + mostSeconds
                            + " seconds");
            return nanos(Double.parseDouble(key.defaultText()));
        }
        return nanos(seconds);
    }

    boolean bool(ConfigKey key) {
        String text = text(key);
        @Nullable Boolean value = BOOLEANS.get(text.toLowerCase(Locale.ROOT));
        if (value == null) {
            wrong(key, Findings.quote(text) + " is neither yes, true, on, 1 nor no, false, off, 0");
            return Boolean.parseBoolean(key.defaultText());
        }
        return value;
    }

    /** One of several words, in any case. */
    <T> T word(ConfigKey key, Map<String, T> words, T otherwise) {
        String text = text(key);
        @Nullable T value = words.get(text.toUpperCase(Locale.ROOT));
        if (value == null) {
            String all = String.join(", ", words.keySet().stream().sorted().toList());
            wrong(key, Findings.quote(text) + " is none of " + all);
            return otherwise;
        }
        return value;
    }

    /** A comma list, no item twice; an empty value has none. {@code parse} reports what it can't read and returns null. */
    <T> List<T> list(ConfigKey key, Function<String, @Nullable T> parse) {
        List<T> items = new ArrayList<>();
        // By their text: two link-local addresses that differ by scope alone are equal objects.
        Set<String> seen = new HashSet<>();
        String text = text(key);
        if (text.isEmpty()) {
            return items;
        }
        for (String part : text.split(",", -1)) {
            String item = part.strip();
            if (item.isEmpty()) {
                wrong(key, "there is nothing between two commas or behind the last one");
                continue;
            }
            T value = parse.apply(item);
            if (value == null) {
                continue;
            }
            if (seen.add(value.toString())) {
                items.add(value);
            } else if (MAY_REPEAT.contains(key)) {
                findings.warning(
                        line(key), key.keyName() + ": " + Findings.quote(item) + " is there twice; once counts");
            } else {
                wrong(key, Findings.quote(item) + " is there twice");
            }
        }
        return items;
    }

    static @Nullable Integer integer(String text, int least, int most, Consumer<String> problem) {
        if (!INTEGER.matcher(text).matches()) {
            problem.accept(Findings.quote(text) + " is not a whole number");
            return null;
        }
        String digits = text.replace("_", "");
        long value = digits.length() > LONGEST_INTEGER ? Long.MAX_VALUE : Long.parseLong(digits);
        if (value < least || value > most) {
            problem.accept(Findings.quote(text) + " is not within " + least + "…" + most);
            return null;
        }
        return (int) value;
    }

    private static long nanos(double seconds) {
        return seconds == 0 ? 0 : Math.max(1, Math.round(seconds * NANOS_PER_SECOND));
    }
}
