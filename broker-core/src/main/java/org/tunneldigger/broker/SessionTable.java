// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.broker;

import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The sessions: flows of those that are being opened, then by flow as long as their interface stands, and all of them until their
 * last hook has run. Its size is bounded by max_tunnels. Loop thread only.
 */
final class SessionTable {
    private final Map<Flow, PendingRequest> opening = new HashMap<>();

    private final Map<Flow, LiveSession> byFlow = new HashMap<>();
    private final Set<LiveSession> all = new LinkedHashSet<>();

    @Nullable
    LiveSession find(Flow flow) {
        return byFlow.get(flow);
    }

    void beginOpening(Flow flow, PendingRequest request) {
        opening.put(flow, request);
    }

    /** The request whose session is being opened. */
    @Nullable
    PendingRequest opening(Flow flow) {
        return opening.get(flow);
    }

    void endOpening(Flow flow) {
        opening.remove(flow);
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
