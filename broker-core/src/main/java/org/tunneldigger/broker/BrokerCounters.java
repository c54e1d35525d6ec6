// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.broker;

import java.util.Map;
import java.util.TreeMap;
import org.tunneldigger.handshake.Admission;
import org.tunneldigger.protocol.DecodeFailure;

/** What the broker saw, counted by reason. Loop thread only; everybody else gets a copy through the inbox. */
public final class BrokerCounters {
    private final long[] undecodable = new long[DecodeFailure.values().length];
    private final long[] verdicts = new long[Admission.Verdict.values().length];
    private final long[] events = new long[Event.values().length];

    /** What is counted beside decode failures and admissions. */
    public enum Event {
        COOKIE_REPLIES,
        USAGE_REPLIES,
        /** PREPARE with a cookie that we did not make, or not lately. */
        BAD_COOKIES,
        /** Packets of a session from an endpoint that has none, answered by ERROR. */
        STRAYS_ANSWERED,
        STRAYS_IGNORED,
        /** Datagrams longer than {@link org.tunneldigger.nativeio.Datagram#CAPACITY}. */
        TOO_LONG,
        /** Messages that only a broker sends. */
        WRONG_DIRECTION,
        REPLIES_NOT_SENT,
        OPEN_FAILURES,
        /** A plugin refused the client, or did not answer in time. */
        SESSIONS_DENIED,
        SESSIONS_OPENED,
        SESSIONS_ENDED
    }

    void count(DecodeFailure failure) {
        undecodable[failure.ordinal()]++;
    }

    void count(Admission.Verdict verdict) {
        verdicts[verdict.ordinal()]++;
    }

    void count(Event event) {
        events[event.ordinal()]++;
    }

    public long of(DecodeFailure failure) {
        return undecodable[failure.ordinal()];
    }

    public long of(Admission.Verdict verdict) {
        return verdicts[verdict.ordinal()];
    }

    public long of(Event event) {
        return events[event.ordinal()];
    }

    /** All that is not zero, as {@code name=count}. */
    @Override
    public String toString() {
        Map<String, Long> all = new TreeMap<>();
        addTo(all, "undecodable_", DecodeFailure.values(), undecodable);
        addTo(all, "admission_", Admission.Verdict.values(), verdicts);
        addTo(all, "", Event.values(), events);
        return all.toString();
    }

    private static void addTo(Map<String, Long> all, String prefix, Enum<?>[] names, long[] counts) {
        for (Enum<?> name : names) {
            if (counts[name.ordinal()] > 0) {
                all.put(prefix + name.name(), counts[name.ordinal()]);
            }
        }
    }
}
