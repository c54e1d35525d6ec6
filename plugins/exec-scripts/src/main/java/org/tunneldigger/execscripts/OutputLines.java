// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.execscripts;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Cuts a script's output into log lines; bounded in the length of a line and the number of lines. One thread. */
final class OutputLines {
    private static final int MAX_LINE_BYTES = 500;
    private static final int MAX_LINES = 100;

    private final String title;
    private final OutputBudget log;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream(MAX_LINE_BYTES);
    private int logged;
    private long bytesLeftOut;

    OutputLines(String title, OutputBudget log) {
        this.title = title;
        this.log = log;
    }

    void add(byte[] bytes, int length) {
        for (int i = 0; i < length; i++) {
            if (full()) {
                bytesLeftOut += length - i;
                return;
            }
            if (bytes[i] == '\n') {
                flush();
            } else {
                line.write(bytes[i]);
                if (line.size() == MAX_LINE_BYTES) {
                    flush();
                }
            }
        }
    }

    /** Whether nothing more will be logged. */
    boolean full() {
        return logged >= MAX_LINES;
    }

    void end() {
        if (line.size() > 0) {
            flush();
        }
        if (bytesLeftOut > 0) {
            log.log(title, bytesLeftOut + " more bytes of output not logged");
        }
    }

    private void flush() {
        String text = line.toString(StandardCharsets.UTF_8);
        line.reset();
        logged++;
        log.log(title, printable(text));
    }

    /** Scripts print what strangers wrote, such as uuids: no control character may reach the log. */
    private static String printable(String text) {
        StringBuilder clean = new StringBuilder(text.length());
        text.codePoints()
                .map(c -> Character.isISOControl(c) || c == 0x2028 || c == 0x2029 ? ' ' : c)
                .forEach(clean::appendCodePoint);
        return clean.toString().stripTrailing();
    }
}
