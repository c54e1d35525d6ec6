// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.log;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.util.List;

/** Takes the log in place of standard error until closed. */
public final class LogCapture implements AutoCloseable {
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();

    public LogCapture() {
        LogOutput.PROCESS.to(new PrintStream(written, true, Charset.defaultCharset()));
    }

    /** All lines, those of stack traces included. */
    public List<String> lines() {
        return written.toString(Charset.defaultCharset()).lines().toList();
    }

    /** What is not of level INFO or below: a line each, without time, and the lines of stack traces. */
    public List<String> complaints() {
        return lines().stream()
                .map(line -> line.replaceFirst("^[0-9]\\S* ", ""))
                .filter(line -> !line.startsWith("INFO ") && !line.startsWith("DEBUG "))
                .toList();
    }

    @Override
    public void close() {
        LogOutput.PROCESS.to(null);
    }
}
