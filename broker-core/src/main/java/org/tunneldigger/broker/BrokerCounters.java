// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.broker;

import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import org.tunneldigger.handshake.Admission;
import org.tunneldigger.protocol.DecodeFailure;

/** What the broker saw, counted by reason. Loop thread only; everybody else gets a copy through the inbox. */
public final class BrokerCounters {
    private final Map<DecodeFailure, Long> undecodable = new EnumMap<>(DecodeFailure.class);
    private final Map<Admission.Verdict, Long> verdicts = new EnumMap<>(Admission.Verdict.class);
    private final Map<Event, Long> events = new EnumMap<>(Event.class);

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
        undecodable.merge(failure, 1L, Long::sum);
    }

    void count(Admission.Verdict verdict) {
        verdicts.merge(verdict, 1L, Long::sum);
    }

    void count(Event event) {
        events.merge(event, 1L, Long::sum);
    }

    public long of(DecodeFailure failure) {
        return undecodable.getOrDefault(failure, 0L);
    }

    public long of(Admission.Verdict verdict) {
        return verdicts.getOrDefault(verdict, 0L);
    }

    public long of(Event event) {
        return events.getOrDefault(event, 0L);
    }

    /** All that is not zero, as {@code name=count}. */
    @Override
    public String toString() {
        Map<String, Long> all = new TreeMap<>();
        undecodable.forEach((k, v) -> all.put("undecodable_" + k, v));
        verdicts.forEach((k, v) -> all.put("admission_" + k, v));
        events.forEach((k, v) -> all.put(k.name(), v));
        return all.toString();
    }
}
