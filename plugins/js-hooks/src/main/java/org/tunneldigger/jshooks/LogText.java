// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.jshooks;

/** A script's words as a piece of one log line: a uuid that a script prints is a stranger's text. */
final class LogText {
    private static final int MAX_CHARACTERS = 1000;

    private LogText() {}

    /** Without line feeds and control characters, at most 1000 characters. */
    static String oneLine(String text) {
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
