// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.bench.profile;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import jdk.jfr.consumer.RecordedClass;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordedStackTrace;
import jdk.jfr.consumer.RecordedThread;
import jdk.jfr.consumer.RecordingFile;

/**
 * Flight recordings in a page of text each: which threads ran, which methods were on top, what of this project stood below them, what was
 * allocated, how long collections paused. A thread counts as running where the recorder saw it in Java, and as in a call where it saw it in
 * native code: there it may have waited, too.
 *
 * <p>Arguments: recordings.
 */
public final class FlightSummary {
    private static final int LINES = 15;
    private static final String OURS = "org.tunneldigger.";
    /** The system calls: what is above them says more. */
    private static final String CALLS = "org.tunneldigger.nativeio.LibC";

    private final Count threads = new Count();
    private final Count tops = new Count();
    private final Count places = new Count();
    private final Count calls = new Count();
    private final Count allocated = new Count();
    private long pauses;
    private Duration paused = Duration.ZERO;

    private FlightSummary() {}

    public static void main(String[] recordings) throws IOException {
        for (String recording : recordings) {
            summarise(Path.of(recording), System.out);
        }
    }

    static void summarise(Path recording, PrintStream out) throws IOException {
        var summary = new FlightSummary();
        try (var events = new RecordingFile(recording)) {
            while (events.hasMoreEvents()) {
                summary.add(events.readEvent());
            }
        }
        summary.print(out);
    }

    private void add(RecordedEvent event) {
        switch (event.getEventType().getName()) {
            case "jdk.ExecutionSample" -> addSample(event, tops, "in Java");
            case "jdk.NativeMethodSample" -> addSample(event, calls, "in a call");
            case "jdk.ObjectAllocationSample" -> {
                RecordedClass type = event.getClass("objectClass");
                allocated.add(type.getName(), event.getLong("weight"));
            }
            case "jdk.GarbageCollection" -> {
                pauses++;
                paused = paused.plus(event.getDuration("sumOfPauses"));
            }
            default -> {}
        }
    }

    private void addSample(RecordedEvent event, Count top, String state) {
        RecordedThread thread = event.getThread("sampledThread");
        RecordedStackTrace stack = event.getStackTrace();
        if (thread == null || stack == null) {
            return;
        }
        List<RecordedFrame> frames = stack.getFrames();
        // hook-worker-3 and hook-worker-4 do the same
        threads.add(thread.getJavaName().replaceAll("\\d+", "N") + ", " + state, 1);
        top.add(name(frames.get(0)), 1);
        frames.stream()
                .map(FlightSummary::name)
                .filter(name -> name.startsWith(OURS) && !name.startsWith(CALLS))
                .findFirst()
                .ifPresent(name -> places.add(name, 1));
    }

    private static String name(RecordedFrame frame) {
        return frame.getMethod().getType().getName() + "." + frame.getMethod().getName();
    }

    private void print(PrintStream out) {
        threads.print(out, "Samples by thread");
        tops.print(out, "On top, in Java");
        calls.print(out, "On top, in a call (it may have waited)");
        places.print(out, "The first method of this project from the top, in Java or in a call");
        allocated.print(out, "Allocated bytes by class, estimated");
        out.printf(Locale.ROOT, "Collections: %d, paused for %d ms in all%n", pauses, paused.toMillis());
    }

    private static final class Count {
        private final Map<String, Long> counts = new HashMap<>();
        private long sum;

        void add(String name, long count) {
            counts.merge(name, count, Long::sum);
            sum += count;
        }

        void print(PrintStream out, String title) {
            out.printf(Locale.ROOT, "%s: %d%n", title, sum);
            counts.entrySet().stream()
                    .sorted(Map.Entry.<String, Long>comparingByValue()
                            .reversed()
                            .thenComparing(Map.Entry.comparingByKey()))
                    .limit(LINES)
                    .forEach(entry -> out.printf(
                            Locale.ROOT, "  %5.1f %%  %s%n", entry.getValue() * 100.0 / sum, entry.getKey()));
            out.println();
        }
    }
}
