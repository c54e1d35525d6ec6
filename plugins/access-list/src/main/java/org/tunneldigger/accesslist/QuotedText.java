// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.accesslist;

/** Any text as one word in quotation marks, the way the lists have it: what the log shows can be copied into a list. */
final class QuotedText {
    private QuotedText() {}

    /** The text between quotation marks; what could break or forge a line is written as an escape. */
    static String of(String text) {
        StringBuilder quoted = new StringBuilder(text.length() + 2).append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"', '\\' -> quoted.append('\\').append(c);
                case '\n' -> quoted.append("\\n");
                case '\r' -> quoted.append("\\r");
                case '\t' -> quoted.append("\\t");
                default -> {
                    if (isPlain(c)) {
                        quoted.append(c);
                    } else {
                        quoted.append(String.format("\\u%04x", (int) c));
                    }
                }
            }
        }
        return quoted.append('"').toString();
    }

    /** Letters of any script and ASCII's signs; nothing invisible, nothing that turns the direction of a line. */
    private static boolean isPlain(char c) {
        return c >= ' ' && c <= '~' || Character.isLetterOrDigit(c);
    }

    /** What {@link #of} has written, at the beginning of a line, and where the closing mark is. */
    record Read(String text, int end) {}

    /**
     * @param line begins with a quotation mark
     * @throws IllegalArgumentException with what is wrong
     */
    static Read read(String line) {
        StringBuilder text = new StringBuilder();
        for (int i = 1; i < line.length(); i++) {
            char c = line.charAt(i);
            if (c == '"') {
                return new Read(text.toString(), i);
            }
            if (c != '\\') {
                text.append(c);
                continue;
            }
            char escape = ++i < line.length() ? line.charAt(i) : ' ';
            switch (escape) {
                case '"', '\\' -> text.append(escape);
                case 'n' -> text.append('\n');
                case 'r' -> text.append('\r');
                case 't' -> text.append('\t');
                case 'u' -> {
                    text.append(hex(line, i + 1));
                    i += 4;
                }
                default ->
                    throw new IllegalArgumentException("after \\ may come \", \\, n, r, t or u with four digits");
            }
        }
        throw new IllegalArgumentException("the closing quotation mark is missing");
    }

    private static char hex(String line, int from) {
        int value = 0;
        for (int i = from; i < from + 4; i++) {
            int digit = i < line.length() ? Character.digit(line.charAt(i), 16) : -1;
            if (digit < 0) {
                throw new IllegalArgumentException("after \\u come four hexadecimal digits");
            }
            value = value << 4 | digit;
        }
        return (char) value;
    }
}
