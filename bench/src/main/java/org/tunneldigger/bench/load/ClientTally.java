// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.bench.load;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.tunneldigger.bench.load.LoadClient.End;

/** What clients of one kind went through: those of the first crowd, or those that came by churn. */
final class ClientTally {
    private final String prefix;
    private final Histogram handshakes = Latencies.histogram();
    private final Histogram mtuTimes = Latencies.histogram();
    private final Map<End, Long> ends = new EnumMap<>(End.class);
    private long repeats;
    private long keepalivesSent;
    private long keepalivesHeard;
    private long keepalivesMissing;

    /** @param prefix begins its figures' names */
    ClientTally(String prefix) {
        this.prefix = prefix;
    }

    void onRepeat() {
        repeats++;
    }

    void onUp(long handshakeNanos) {
        Latencies.record(handshakes, handshakeNanos);
    }

    void onMtuKnown(long nanosSinceUp) {
        Latencies.record(mtuTimes, nanosSinceUp);
    }

    void onKeepaliveSent() {
        keepalivesSent++;
    }

    void onKeepaliveHeard(int missingBefore) {
        keepalivesHeard++;
        keepalivesMissing += missingBefore;
    }

    void onEnd(End end) {
        ends.merge(end, 1L, Long::sum);
    }

    long up() {
        return handshakes.getTotalCount();
    }

    /** @param seconds from the first client's start until the last one had its tunnel or had failed */
    void tellArrivals(Figures figures, double seconds) {
        figures.count(prefix + "-up", up());
        figures.add(prefix + "-rate", up() / seconds, "1/s");
        figures.latencies(prefix + "-handshake", handshakes, "ms", 1e6);
        figures.count(prefix + "-requests-repeated", repeats);
    }

    void tellLife(Figures figures) {
        figures.count(prefix + "-mtu-known", mtuTimes.getTotalCount());
        figures.latencies(prefix + "-mtu-time", mtuTimes, "ms", 1e6);
        figures.count(prefix + "-keepalives-sent", keepalivesSent);
        figures.count(prefix + "-keepalives-heard", keepalivesHeard);
        figures.count(prefix + "-keepalives-missing", keepalivesMissing);
        ends.forEach((end, count) ->
                figures.count(prefix + "-" + end.name().toLowerCase(Locale.ROOT).replace('_', '-'), count));
    }
}
