// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.accesslist;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.tunneldigger.api.net.AddressPrefix;
import org.tunneldigger.api.net.PrefixSet;

/** Reads a list: a line is an address, a prefix, a uuid, {@code uuid "…"}, or nothing, with a comment behind a {@code #}. */
final class EntryParser {
    private static final String UUID = "uuid";
    private static final Pattern LOOKS_V4 = Pattern.compile("[0-9]+(\\.[0-9]+){3}");
    private static final Pattern LOOKS_V6 = Pattern.compile("[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");
    private static final Pattern HARDWARE_ADDRESS = Pattern.compile("[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}");

    private final Set<String> uuids = new HashSet<>();
    private final List<AddressPrefix> prefixes = new ArrayList<>();
    private final List<String> mistakes = new ArrayList<>();

    private EntryParser() {}

    /** @param mistakes each with its line: {@code "7: 'a b' …"}; if there are any, the entries are not to be used */
    record Parsed(Entries entries, List<String> mistakes) {}

    static Parsed parse(List<String> lines) {
        EntryParser parser = new EntryParser();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            try {
                if (line.indexOf('\uFFFD') >= 0) {
                    throw new IllegalArgumentException("is not UTF-8");
                }
                parser.line(
                        i == 0 && line.startsWith("\uFEFF") ? line.substring(1).strip() : line);
            } catch (IllegalArgumentException e) {
                parser.mistakes.add((i + 1) + ": " + e.getMessage());
            }
        }
        return new Parsed(new Entries(parser.uuids, PrefixSet.of(parser.prefixes)), List.copyOf(parser.mistakes));
    }

    private void line(String line) {
        if (line.isEmpty() || line.startsWith("#")) {
            return;
        }
        String word = wordOf(line);
        String rest = line.substring(word.length()).strip();
        if (word.equals(UUID) && !rest.isEmpty() && !rest.startsWith("#")) {
            explicit(rest);
        } else {
            requireEnd(rest);
            bare(word);
        }
    }

    /** Up to a blank or a comment. */
    private static String wordOf(String line) {
        int end = 0;
        while (end < line.length() && !Character.isWhitespace(line.charAt(end)) && line.charAt(end) != '#') {
            end++;
        }
        return line.substring(0, end);
    }

    private void explicit(String rest) {
        if (!rest.startsWith("\"")) {
            String word = wordOf(rest);
            requireEnd(rest.substring(word.length()).strip());
            uuids.add(word);
            return;
        }
        QuotedText.Read quoted = QuotedText.read(rest);
        requireEnd(rest.substring(quoted.end() + 1).strip());
        uuids.add(quoted.text());
    }

    private static void requireEnd(String rest) {
        if (!rest.isEmpty() && !rest.startsWith("#")) {
            throw new IllegalArgumentException(
                    "one entry a line; a uuid with blanks is written in quotation marks: uuid \"a b\"");
        }
    }

    private void bare(String word) {
        boolean looksLikeAddress = word.indexOf('/') >= 0
                || LOOKS_V4.matcher(word).matches()
                || LOOKS_V6.matcher(word).matches()
                        && !HARDWARE_ADDRESS.matcher(word).matches();
        if (word.startsWith("\"")) {
            throw new IllegalArgumentException("before a quotation mark comes the word uuid: uuid \"a b\"");
        }
        if (looksLikeAddress) {
            try {
                prefixes.add(AddressPrefix.parse(word));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        e.getMessage() + "; if it is a uuid: uuid " + QuotedText.of(word), e);
            }
        } else {
            uuids.add(word);
        }
    }
}
