// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.jshooks;

import org.slf4j.Logger;
import org.slf4j.event.Level;

/**
 * A script's way into the log: the plugin's logger, with the script's name before each line.
 *
 * @param scriptName the file's name
 * @param logger the plugin's
 */
record ScriptLog(String scriptName, Logger logger) {

    /** @param level debug, info, warn or error */
    void write(String level, String text) {
        Level slf4j = switch (level) {
            case "debug" -> Level.DEBUG;
            case "info" -> Level.INFO;
            case "warn" -> Level.WARN;
            default -> Level.ERROR;
        };
        logger.atLevel(slf4j).log("{}: {}", scriptName, LogText.oneLine(text));
    }

    void info(String text) {
        write("info", text);
    }

    void warn(String text) {
        write("warn", text);
    }
}
