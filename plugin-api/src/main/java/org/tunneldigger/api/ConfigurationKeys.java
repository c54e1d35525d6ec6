// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.api;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The keys of a plugin's section, by type. A value that is wrong is noted and the stand-in returned, so that the remaining keys are
 * looked at too; {@link PluginConfiguration#read} throws at the end. Empty values count as absent. Not safe for several
 * threads.
 */
public final class ConfigurationKeys {
    private final PluginConfiguration configuration;
    private final Set<String> asked = new HashSet<>();
    private final List<String> mistakes = new ArrayList<>();

    ConfigurationKeys(PluginConfiguration configuration) {
        this.configuration = configuration;
    }

    /** Any text, without the blanks around it. */
    public String text(String key, String ifAbsent) {
        return parsed(key, ifAbsent, text -> text);
    }

    public Optional<String> text(String key) {
        return optional(key, text -> text);
    }

    /** A whole number within the bounds, both included. */
    public long integer(String key, long ifAbsent, long min, long max) {
        return parsed(key, ifAbsent, text -> {
            try {
                long number = Long.parseLong(text);
                if (number >= min && number <= max) {
                    return number;
                }
            } catch (NumberFormatException e) {
                // told below
            }
            throw new IllegalArgumentException("'" + text + "' is no whole number from " + min + " to " + max);
        });
    }

    /** {@code yes, true, on, 1} or {@code no, false, off, 0}. */
    public boolean flag(String key, boolean ifAbsent) {
        return parsed(key, ifAbsent, text -> switch (text.toLowerCase(Locale.ROOT)) {
            case "yes", "true", "on", "1" -> true;
            case "no", "false", "off", "0" -> false;
            default -> throw new IllegalArgumentException("'" + text + "' is neither yes nor no");
        });
    }

    /** A time in seconds, with decimals if need be, within the bounds, both included. */
    public Duration seconds(String key, Duration ifAbsent, Duration min, Duration max) {
        return parsed(key, ifAbsent, text -> {
            try {
                double number = Double.parseDouble(text);
                if (Math.abs(number) < 1e9) {
                    Duration time = Duration.ofNanos(Math.round(number * 1e9));
                    if (time.compareTo(min) >= 0 && time.compareTo(max) <= 0) {
                        return time;
                    }
                }
            } catch (NumberFormatException e) {
                // told below
            }
            throw new IllegalArgumentException("'" + text + "' is no number of seconds from " + min.toMillis() / 1000.0
                    + " to " + max.toMillis() / 1000.0);
        });
    }

    /** One of the constants, written in lower case with {@code -} for {@code _}. */
    public <E extends Enum<E>> E choice(String key, E ifAbsent) {
        E[] constants = ifAbsent.getDeclaringClass().getEnumConstants();
        return parsed(
                key,
                ifAbsent,
                text -> Arrays.stream(constants)
                        .filter(constant -> nameOf(constant).equals(text))
                        .findFirst()
                        .orElseThrow(() -> new IllegalArgumentException("'" + text + "' is none of "
                                + Arrays.stream(constants)
                                        .map(ConfigurationKeys::nameOf)
                                        .collect(Collectors.joining(", ")))));
    }

    /** An absolute path; whether anything is there is not looked at. */
    public Optional<Path> path(String key) {
        return optional(key, text -> {
            try {
                Path path = Path.of(text);
                if (path.isAbsolute()) {
                    return path.normalize();
                }
            } catch (InvalidPathException e) {
                // told below
            }
            throw new IllegalArgumentException("'" + text + "' is no absolute path");
        });
    }

    /**
     * The items of a comma list.
     *
     * @param item reads one, without the blanks around it; throws IllegalArgumentException with what is wrong
     */
    public <T> List<T> list(String key, Function<String, T> item) {
        return parsed(key, List.of(), text -> {
            List<T> items = new ArrayList<>();
            for (String one : text.split(",", -1)) {
                items.add(item.apply(one.strip()));
            }
            return List.copyOf(items);
        });
    }

    /**
     * A value of any other form.
     *
     * @param form reads it, without the blanks around it; throws IllegalArgumentException with what is wrong, in words that go
     *     after the key: {@code 'x' is no colour}
     */
    public <T> T parsed(String key, T ifAbsent, Function<String, T> form) {
        return optional(key, form).orElse(ifAbsent);
    }

    /** As {@link #parsed}, empty if the key is absent. */
    public <T> Optional<T> optional(String key, Function<String, T> form) {
        asked.add(key);
        String text = configuration.values().getOrDefault(key, "").strip();
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(form.apply(text));
        } catch (IllegalArgumentException e) {
            wrong(key, String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    /** Notes that a value is wrong, for what only shows once several are known. */
    public void wrong(String key, String what) {
        mistakes.add(configuration.where(key) + what);
    }

    Set<String> asked() {
        return asked;
    }

    void throwIfWrong() {
        if (!mistakes.isEmpty()) {
            throw new ConfigurationException(mistakes);
        }
    }

    private static String nameOf(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
