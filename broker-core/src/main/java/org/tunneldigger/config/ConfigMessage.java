// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.config;

import java.nio.file.Path;

/**
 * A mistake or a warning about a configuration file.
 *
 * @param file the file as it was named to the reader
 * @param line 1 for the first line; 0 when the message is about the whole file
 * @param text one sentence or two for the operator, without line breaks
 */
public record ConfigMessage(Path file, int line, String text) {
    /** {@code file:line: text}, or {@code file: text} when the message is about the whole file. */
    @Override
    public String toString() {
        return line == 0 ? file + ": " + text : file + ":" + line + ": " + text;
    }
}
