// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.execscripts;

import java.net.InetSocketAddress;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.tunneldigger.api.AddressText;
import org.tunneldigger.api.event.EndReason;
import org.tunneldigger.api.event.SessionInfo;
import org.tunneldigger.api.event.SessionProfile;

/** Collects the environment variables of one event. One thread. */
final class EventVariables {
    private final Map<String, String> values = new TreeMap<>();

    EventVariables(String hook, Instant at) {
        put(EventVariable.HOOK, hook);
        time(EventVariable.AT, EventVariable.AT_EPOCH, at);
    }

    /** By name; every variable that this event has a value for. */
    Map<String, String> asMap() {
        return Map.copyOf(values);
    }

    EventVariables endpoints(InetSocketAddress remote, InetSocketAddress local) {
        put(EventVariable.ENDPOINT_IP, AddressText.of(remote));
        put(EventVariable.ENDPOINT_PORT, Integer.toString(remote.getPort()));
        put(EventVariable.LOCAL_IP, AddressText.of(local));
        put(EventVariable.LOCAL_PORT, Integer.toString(local.getPort()));
        return this;
    }

    EventVariables uuid(String uuid) {
        put(EventVariable.UUID, uuid);
        return this;
    }

    EventVariables session(SessionInfo session, int mtu) {
        put(EventVariable.TUNNEL_ID, Integer.toString(session.tunnelId()));
        put(EventVariable.SESSION_ID, Long.toString(session.sessionId()));
        put(EventVariable.INTERFACE, session.interfaceName());
        put(EventVariable.MTU, Integer.toString(mtu));
        put(EventVariable.DATAPATH, word(session.datapath()));
        put(
                EventVariable.FEATURES,
                session.features().stream().map(EventVariables::word).sorted().collect(Collectors.joining(",")));
        time(EventVariable.SINCE, EventVariable.SINCE_EPOCH, session.since());
        profile(session.profile());
        return endpoints(session.remote(), session.local()).uuid(session.uuid());
    }

    EventVariables mtuChange(int oldMtu, int newMtu) {
        put(EventVariable.OLD_MTU, Integer.toString(oldMtu));
        put(EventVariable.NEW_MTU, Integer.toString(newMtu));
        return this;
    }

    EventVariables reason(EndReason reason) {
        put(EventVariable.REASON, word(reason));
        return this;
    }

    private void profile(SessionProfile profile) {
        profile.mtu().ifPresent(mtu -> put(EventVariable.PROFILE_MTU, Integer.toString(mtu)));
        profile.downBitsPerSecond()
                .ifPresent(rate -> put(EventVariable.PROFILE_DOWN_BITS_PER_SECOND, Long.toString(rate)));
        profile.upBitsPerSecond().ifPresent(rate -> put(EventVariable.PROFILE_UP_BITS_PER_SECOND, Long.toString(rate)));
        profile.bridge().ifPresent(bridge -> put(EventVariable.PROFILE_BRIDGE, bridge));
        // In the order of the labels' names, the first one has a variable that two would have.
        new TreeMap<>(profile.labels())
                .forEach((label, value) -> values.putIfAbsent(EventVariable.ofLabel(label), value));
    }

    private void time(EventVariable text, EventVariable epochSeconds, Instant when) {
        put(text, when.truncatedTo(ChronoUnit.MILLIS).toString());
        put(epochSeconds, Long.toString(when.getEpochSecond()));
    }

    private void put(EventVariable variable, String value) {
        values.put(variable.variableName(), value);
    }

    /** A constant as the documents write it: {@code client-closed}. */
    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
