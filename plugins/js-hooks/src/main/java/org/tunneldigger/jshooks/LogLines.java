// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.jshooks;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** What a script prints, as lines. A line that does not end is cut: a script must not fill the memory by printing. */
final class LogLines extends OutputStream {
    private static final int MAX_BYTES = 8192;

    private final Consumer<String> lines;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();

    LogLines(Consumer<String> lines) {
        this.lines = lines;
    }

    @Override
    public synchronized void write(int octet) {
        if (octet == '\n' || line.size() >= MAX_BYTES) {
            lines.accept(line.toString(StandardCharsets.UTF_8));
            line.reset();
        }
        if (octet != '\n') {
            line.write(octet);
        }
    }

    @Override
    public synchronized void write(byte[] octets, int offset, int length) {
        for (int i = offset; i < offset + length; i++) {
            write(octets[i]);
        }
    }
}
