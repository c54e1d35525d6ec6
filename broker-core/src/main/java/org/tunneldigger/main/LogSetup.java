// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.main;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.logging.ConsoleHandler;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.tunneldigger.config.LogVerbosity;

/** Sends the log to standard error, one line a record, from the configured level on. */
final class LogSetup {
    private LogSetup() {}

    static void apply(LogVerbosity verbosity) {
        Level level = level(verbosity);
        Logger root = Logger.getLogger("");
        for (Handler old : root.getHandlers()) {
            root.removeHandler(old);
        }
        Handler handler = new ConsoleHandler();
        handler.setLevel(Level.ALL);
        handler.setFormatter(new Line());
        root.addHandler(handler);
        root.setLevel(level);
    }

    private static Level level(LogVerbosity verbosity) {
        return switch (verbosity) {
            case NOTSET -> Level.ALL;
            case DEBUG -> Level.FINE;
            case INFO -> Level.INFO;
            case WARNING -> Level.WARNING;
            case ERROR -> Level.SEVERE;
            case CRITICAL -> Level.OFF;
        };
    }

    /** {@code 2026-01-31T12:00:00.123+01:00 INFO text}, with the stack trace below where there is one. */
    private static final class Line extends Formatter {
        private final DateTimeFormatter time =
                DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSXXX").withZone(ZoneId.systemDefault());

        @Override
        public String format(LogRecord record) {
            StringBuilder line = new StringBuilder(120);
            Instant instant = record.getInstant();
            line.append(time.format(instant)).append(' ').append(name(record.getLevel()));
            line.append(' ').append(formatMessage(record)).append('\n');
            if (record.getThrown() != null) {
                StringWriter trace = new StringWriter();
                record.getThrown().printStackTrace(new PrintWriter(trace));
                line.append(trace);
            }
            return line.toString();
        }

        private static String name(Level level) {
            if (level.intValue() >= Level.SEVERE.intValue()) {
                return "ERROR";
            } else if (level.intValue() >= Level.WARNING.intValue()) {
                return "WARNING";
            }
            return level.intValue() >= Level.INFO.intValue() ? "INFO" : "DEBUG";
        }
    }
}
