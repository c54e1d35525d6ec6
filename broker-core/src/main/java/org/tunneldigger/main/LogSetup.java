// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.main;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.Charset;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
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
        root.addHandler(new StandardError());
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

    /**
     * {@code 2026-01-31T12:00:00.123+01:00 INFO text}, with the stack trace below where there is one, in one write. It is cheap, as a
     * session that comes up has its line; most of a formatted time is the same for a whole second.
     */
    private static final class StandardError extends Handler {
        private final PrintStream err = System.err;
        private final ZoneId zone = ZoneId.systemDefault();
        private final DateTimeFormatter toTheSecond = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.");
        private final DateTimeFormatter offset = DateTimeFormatter.ofPattern("XXX");
        private final Formatter parameters = new SimpleFormatter();
        private final StringBuilder line = new StringBuilder(120);

        private long second = Long.MIN_VALUE;
        private String before = "";
        private String after = "";

        @Override
        public synchronized void publish(LogRecord record) {
            line.setLength(0);
            appendTime(record.getInstant());
            line.append(name(record.getLevel())).append(' ');
            line.append(parameters.formatMessage(record)).append('\n');
            if (record.getThrown() != null) {
                StringWriter trace = new StringWriter();
                record.getThrown().printStackTrace(new PrintWriter(trace));
                line.append(trace);
            }
            byte[] text = line.toString().getBytes(Charset.defaultCharset());
            err.write(text, 0, text.length);
            err.flush();
        }

        private void appendTime(Instant instant) {
            if (instant.getEpochSecond() != second) {
                second = instant.getEpochSecond();
                ZonedDateTime time = instant.atZone(zone);
                before = toTheSecond.format(time);
                after = offset.format(time) + ' ';
            }
            int millis = instant.getNano() / 1_000_000;
            line.append(before).append((char) ('0' + millis / 100));
            line.append((char) ('0' + millis / 10 % 10)).append((char) ('0' + millis % 10));
            line.append(after);
        }

        private static String name(Level level) {
            if (level.intValue() >= Level.SEVERE.intValue()) {
                return "ERROR";
            } else if (level.intValue() >= Level.WARNING.intValue()) {
                return "WARNING";
            }
            return level.intValue() >= Level.INFO.intValue() ? "INFO" : "DEBUG";
        }

        @Override
        public void flush() {
            err.flush();
        }

        @Override
        public void close() {
            flush();
        }
    }
}
