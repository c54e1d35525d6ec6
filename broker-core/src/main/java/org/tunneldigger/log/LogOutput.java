// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.log;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.Charset;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/**
 * The log of this process: what is written and where, for all threads. Until told otherwise, {@link Level#INFO} and above to standard error.
 *
 * <p>{@code 2026-01-31T12:00:00.123+01:00 INFO text}, with the stack trace below where there is one, in one write.
 */
public final class LogOutput {
    /** The one that SLF4J's loggers write to. */
    public static final LogOutput PROCESS = new LogOutput();

    private static final int NOTHING = Integer.MAX_VALUE;

    private final Map<String, LineLogger> loggers = new ConcurrentHashMap<>();

    /** The least level that is written of a logger and of those below it, by name, where that is more than the threshold. */
    private final Map<String, Integer> limits = new ConcurrentHashMap<>();

    private volatile int threshold = Level.INFO.toInt();

    private final ZoneId zone = ZoneId.systemDefault();
    private final DateTimeFormatter toTheSecond = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.");
    private final DateTimeFormatter offset = DateTimeFormatter.ofPattern("XXX");

    private final Object writing = new Object();
    private @Nullable PrintStream stream; // guarded by writing; null: whatever System.err is

    // Most of a formatted time is the same for a whole second.
    private long second = Long.MIN_VALUE; // guarded by writing, as those below
    private String before = "";
    private String after = "";

    private LogOutput() {}

    /**
     * From now on, what is at least this severe is written.
     *
     * @param least null: nothing is
     */
    public void from(@Nullable Level least) {
        threshold = least == null ? NOTHING : least.toInt();
    }

    /**
     * Writes nothing less severe of the logger of this name and of those below it ({@code a.b} is below {@code a}); of limits of several
     * that a name is below, the strictest holds.
     *
     * @param least null: nothing of it is written
     */
    public void limit(String name, @Nullable Level least) {
        limits.put(name, least == null ? NOTHING : least.toInt());
    }

    /** Takes a limit back. */
    public void unlimit(String name) {
        limits.remove(name);
    }

    /** Writes to this stream; null: to whatever standard error is at the time. */
    public void to(@Nullable PrintStream to) {
        synchronized (writing) {
            stream = to;
        }
    }

    LineLogger logger(String name) {
        return loggers.computeIfAbsent(name, key -> new LineLogger(key, this));
    }

    boolean takes(String name, Level level) {
        return level.toInt() >= threshold && withinLimits(name, level.toInt());
    }

    private boolean withinLimits(String name, int level) {
        for (Map.Entry<String, Integer> limit : limits.entrySet()) {
            if (level < limit.getValue() && isOrIsBelow(name, limit.getKey())) {
                return false;
            }
        }
        return true;
    }

    private static boolean isOrIsBelow(String name, String above) {
        return name.startsWith(above) && (name.length() == above.length() || name.charAt(above.length()) == '.');
    }

    void write(Level level, @Nullable String text, @Nullable Throwable thrown) {
        Instant now = Instant.now();
        // A plugin's throwable may do anything here, so nobody else is kept waiting meanwhile.
        String trace = thrown == null ? "" : traceOf(thrown);
        StringBuilder line = new StringBuilder(160);
        synchronized (writing) {
            appendTime(now, line);
            line.append(name(level)).append(' ').append(text).append('\n').append(trace);
            byte[] bytes = line.toString().getBytes(Charset.defaultCharset());
            PrintStream to = stream == null ? System.err : stream;
            to.write(bytes, 0, bytes.length);
            to.flush();
        }
    }

    private static String traceOf(Throwable thrown) {
        StringWriter trace = new StringWriter();
        try {
            thrown.printStackTrace(new PrintWriter(trace));
        } catch (Throwable e) { // whoever logs goes on, whatever a plugin's throwable does
            trace.append(thrown.getClass().getName() + " could not be printed: "
                    + e.getClass().getName() + '\n');
        }
        return trace.toString();
    }

    private void appendTime(Instant now, StringBuilder line) {
        if (now.getEpochSecond() != second) {
            second = now.getEpochSecond();
            ZonedDateTime time = now.atZone(zone);
            before = toTheSecond.format(time);
            after = offset.format(time) + ' ';
        }
        int millis = now.getNano() / 1_000_000;
        line.append(before).append((char) ('0' + millis / 100));
        line.append((char) ('0' + millis / 10 % 10)).append((char) ('0' + millis % 10));
        line.append(after);
    }

    /** As the configuration calls them. */
    private static String name(Level level) {
        return switch (level) {
            case ERROR -> "ERROR";
            case WARN -> "WARNING";
            case INFO -> "INFO";
            case DEBUG, TRACE -> "DEBUG";
        };
    }
}
