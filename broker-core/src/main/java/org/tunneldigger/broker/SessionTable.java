// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.broker;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tunneldigger.protocol.ControlMessage.Prepare;

/**
 * The sessions: flows of those that are being opened, then by flow as long as their interface stands, and all of them until their
 * last hook has run. Its size is bounded by max_tunnels. Loop thread only.
 */
final class SessionTable {
    /** Of one client; clients ask every few seconds, and more than these are not answered. */
    private static final int MOST_REPEATED = 4;

    /** With the requests that came again meanwhile. */
    private final Map<Flow, List<Prepare>> opening = new HashMap<>();

    private final Map<Flow, LiveSession> byFlow = new HashMap<>();
    private final Set<LiveSession> all = new LinkedHashSet<>();

    @Nullable
    LiveSession find(Flow flow) {
        return byFlow.get(flow);
    }

    void beginOpening(Flow flow) {
        opening.put(flow, new ArrayList<>(0));
    }

    /**
     * Notes a request for a session that is being opened.
     *
     * @return whether one is
     */
    boolean noteRepeated(Flow flow, Prepare request) {
        List<Prepare> repeated = opening.get(flow);
        if (repeated != null && repeated.size() < MOST_REPEATED) {
            repeated.add(request);
        }
        return repeated != null;
    }

    /** What came again meanwhile, to be answered. */
    List<Prepare> endOpening(Flow flow) {
        List<Prepare> repeated = opening.remove(flow);
        return repeated == null ? List.of() : repeated;
    }

    void add(LiveSession session) {
        byFlow.put(session.flow(), session);
        all.add(session);
    }

    /** The session's interface is gone: its flow may start another. */
    void freeFlow(LiveSession session) {
        byFlow.remove(session.flow(), session);
    }

    void remove(LiveSession session) {
        freeFlow(session);
        all.remove(session);
    }

    /** Sessions with an interface. */
    int standing() {
        return byFlow.size();
    }

    /** No sessions, and none that is being opened. */
    boolean isEmpty() {
        return all.isEmpty() && opening.isEmpty();
    }

    /** A copy: the table may change while it is walked. */
    Collection<LiveSession> snapshot() {
        return List.copyOf(all);
    }
}
