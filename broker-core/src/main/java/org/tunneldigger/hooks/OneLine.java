// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.hooks;

/** What a plugin threw, as a piece of one log line: bounded, without line feeds and control characters. */
public final class OneLine {
    private static final int MAX_CHARACTERS = 300;

    private OneLine() {}

    /** Class and message; never throws, even if the throwable's own methods do. */
    public static String of(Throwable thrown) {
        String text;
        try {
            text = thrown.toString();
        } catch (Throwable alsoThrown) {
            text = thrown.getClass().getName();
        }
        return of(text);
    }

    /** The text without what could break or forge a log line, at most 300 characters. */
    public static String of(String text) {
        int length = Math.min(text.length(), MAX_CHARACTERS);
        StringBuilder line = new StringBuilder(length + 1);
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            boolean breaksLines = Character.isISOControl(c) || c == '\u2028' || c == '\u2029';
            line.append(breaksLines ? ' ' : c);
        }
        return text.length() > length ? line.append('…').toString() : line.toString();
    }
}
