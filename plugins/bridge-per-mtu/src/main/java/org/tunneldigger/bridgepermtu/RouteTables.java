// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.bridgepermtu;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Names of routing tables, from the files that {@code ip} reads ({@code rt_tables}), the administrator's first. */
final class RouteTables {
    private static final long LARGEST = 0xFFFF_FFFFL;
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,10}|0[xX][0-9A-Fa-f]{1,8}");
    private static final Pattern LINE = Pattern.compile("\\s*([0-9A-Fa-fxX]+)\\s+(\\S+)\\s*(?:#.*)?");

    private final Path etc;
    private final Path usr;

    /** @param root {@code /}, but for tests */
    RouteTables(Path root) {
        etc = root.resolve("etc/iproute2");
        usr = root.resolve("usr/share/iproute2");
    }

    /**
     * The number of a table that is given by number or by name.
     *
     * @return 1…2^32 − 1
     * @throws IllegalArgumentException with a message for the operator
     */
    long number(String text) {
        if (NUMBER.matcher(text).matches()) {
            long number = parse(text);
            if (number < 1 || number > LARGEST) {
                throw new IllegalArgumentException("table " + text + " is not within 1…" + LARGEST);
            }
            return number;
        }
        for (Path file : files()) {
            OptionalLong found = find(text, file);
            if (found.isPresent()) {
                return found.getAsLong();
            }
        }
        throw new IllegalArgumentException("there is no table '" + text + "' in " + etc.resolve("rt_tables") + " or "
                + usr.resolve("rt_tables") + "; add a line '100 " + text + "' to the first, or give a number");
    }

    private List<Path> files() {
        List<Path> more = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(etc.resolve("rt_tables.d"), "*.conf")) {
            entries.forEach(more::add);
        } catch (IOException e) {
            // the folder is optional
        }
        Collections.sort(more);
        List<Path> files = new ArrayList<>(List.of(etc.resolve("rt_tables")));
        files.addAll(more);
        files.add(usr.resolve("rt_tables"));
        return files;
    }

    private static OptionalLong find(String name, Path file) {
        if (!Files.exists(file)) {
            return OptionalLong.empty();
        }
        try {
            // ISO 8859-1 takes any bytes: a comment in another encoding must not hide the tables
            for (String line : Files.readAllLines(file, StandardCharsets.ISO_8859_1)) {
                Matcher matcher = LINE.matcher(line);
                if (matcher.matches()
                        && matcher.group(2).equals(name)
                        && NUMBER.matcher(matcher.group(1)).matches()) {
                    long number = parse(matcher.group(1));
                    return number < 1 || number > LARGEST ? OptionalLong.empty() : OptionalLong.of(number);
                }
            }
        } catch (IOException e) {
            throw new IllegalArgumentException(file + " cannot be read: " + e.getMessage(), e);
        }
        return OptionalLong.empty();
    }

    /** Decimal or, as {@code ip} takes it too, hexadecimal; no octal. */
    private static long parse(String digits) {
        return digits.length() > 2 && Character.toLowerCase(digits.charAt(1)) == 'x'
                ? Long.parseLong(digits.substring(2), 16)
                : Long.parseLong(digits);
    }
}
