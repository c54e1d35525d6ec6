// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * First pass over a file: finds what stands on which line, and brings the text into the form that ini4j reads as
 * intended. A value goes on over lines indented deeper than its key, also across empty lines and comments (the rule of
 * Python's configparser, which deployed files were written for); ini4j knows no such lines, so they are joined here.
 */
final class IniScan {
    /** A section header; {@code keys} are those below it, in order. */
    record SectionPlace(String name, int line, List<KeyPlace> keys) {}

    /** A key, lower-cased, and the line that it stands on. */
    record KeyPlace(String name, int line) {}

    /**
     * Ends every value in the joined text: ini4j joins the next line to one that ends with a backslash, escapes turned
     * off or not. DEL can't come from the file, where control characters are mistakes.
     */
    static final String END_OF_VALUE = "\u007F";

    private final Findings findings;
    private final List<SectionPlace> sections = new ArrayList<>();
    private final List<String> joined = new ArrayList<>();
    private @Nullable SectionPlace section;
    private boolean insideValue;
    private boolean keyBeforeSection;
    private int indent;

    private IniScan(Findings findings) {
        this.findings = findings;
    }

    static IniScan of(String text, Findings findings) {
        IniScan scan = new IniScan(findings);
        String body = text;
        if (text.startsWith("\uFEFF")) {
            findings.mistake(1, "the file starts with a byte order mark; save it as UTF-8 without one");
            body = text.substring(1);
        }
        int number = 0;
        for (String line : body.lines().toList()) {
            scan.line(++number, line);
        }
        return scan;
    }

    /** Section headers in the order of the file; one that is repeated appears again. */
    List<SectionPlace> sections() {
        return sections;
    }

    /** The text for ini4j: one line for each header and each key with its whole value. */
    String joined() {
        return String.join("\n", joined) + "\n";
    }

    private void line(int number, String line) {
        String text = line.strip();
        if (text.isEmpty() || text.startsWith("#") || text.startsWith(";")) {
            return;
        }
        if (text.chars().anyMatch(c -> Character.isISOControl(c) && c != '\t')) {
            findings.mistake(number, "this line holds a control character");
            return;
        }
        int indentHere = line.indexOf(text.charAt(0));
        if (insideValue && indentHere > indent) {
            int last = joined.size() - 1;
            String value = joined.get(last);
            joined.set(last, value.substring(0, value.length() - END_OF_VALUE.length()) + " " + text + END_OF_VALUE);
            return;
        }
        indent = indentHere;
        insideValue = false;
        if (text.startsWith("[")) {
            header(number, text);
        } else {
            key(number, text);
        }
    }

    private void header(int number, String text) {
        int end = text.lastIndexOf(']');
        String name = end < 0 ? "" : text.substring(1, end).strip();
        if (name.isEmpty()) {
            findings.mistake(number, "a section header is a name between [ and ]");
            return;
        }
        String rest = text.substring(end + 1).strip();
        if (!rest.isEmpty() && !rest.startsWith("#") && !rest.startsWith(";")) {
            findings.warning(number, "what follows the section header is ignored: " + Findings.quote(rest));
        }
        section = new SectionPlace(name, number, new ArrayList<>());
        sections.add(section);
        joined.add("[" + name + "]");
    }

    private void key(int number, String text) {
        int delimiter = delimiter(text);
        String name = delimiter < 0 ? "" : text.substring(0, delimiter).strip().toLowerCase(Locale.ROOT);
        if (delimiter < 0) {
            findings.mistake(number, "neither a [section] nor 'key = value' nor a comment: " + Findings.quote(text));
        } else if (name.isEmpty()) {
            findings.mistake(number, "there is no key before " + Findings.quote(text));
        } else if (name.indexOf('\\') >= 0) {
            // To ini4j a backslash before the delimiter takes its meaning away.
            findings.mistake(number, "a key can't hold a backslash: " + Findings.quote(name));
        } else if (section == null) {
            if (!keyBeforeSection) {
                findings.mistake(number, "key '" + name + "' stands before any section; begin with [broker]");
            }
            keyBeforeSection = true;
        } else {
            section.keys().add(new KeyPlace(name, number));
            joined.add(name + "=" + text.substring(delimiter + 1).strip() + END_OF_VALUE);
            insideValue = true;
        }
    }

    private static int delimiter(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) == '=' || text.charAt(i) == ':') {
                return i;
            }
        }
        return -1;
    }
}
