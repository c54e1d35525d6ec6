// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.jshooks;

import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tunneldigger.api.AddressText;
import org.tunneldigger.api.event.ClientFeature;
import org.tunneldigger.api.event.ConnectionRateLimited;
import org.tunneldigger.api.event.EndReason;
import org.tunneldigger.api.event.SessionDown;
import org.tunneldigger.api.event.SessionInfo;
import org.tunneldigger.api.event.SessionMtuChanged;
import org.tunneldigger.api.event.SessionPreDown;
import org.tunneldigger.api.event.SessionProfile;
import org.tunneldigger.api.event.SessionRequest;
import org.tunneldigger.api.event.SessionUp;

/**
 * The members of an event as scripts see them: texts, numbers, null, lists of texts, and further fields. docs/plugins.md has the
 * table. Times are milliseconds since 1970, as {@code new Date(…)} takes them.
 *
 * @param members by name, in the table's order
 */
record EventFields(Map<String, @Nullable Object> members) {

    /** Labels of a profile: names that somebody chose. */
    record Labels(Map<String, String> byName) {}

    static EventFields of(SessionUp event) {
        return session(event.session(), event.at()).with("mtu", event.mtu());
    }

    static EventFields of(SessionMtuChanged event) {
        return session(event.session(), event.at())
                .with("mtu", event.newMtu())
                .with("oldMtu", event.oldMtu())
                .with("newMtu", event.newMtu());
    }

    static EventFields of(SessionPreDown event) {
        return ended(event.session(), event.at(), event.mtu(), event.reason());
    }

    static EventFields of(SessionDown event) {
        return ended(event.session(), event.at(), event.mtu(), event.reason());
    }

    static EventFields of(ConnectionRateLimited event) {
        return from(event.remote(), event.local(), event.uuid(), event.at());
    }

    static EventFields of(SessionRequest event) {
        return from(event.remote(), event.local(), event.uuid(), event.at())
                .with("datapath", word(event.datapath()))
                .with("features", words(event.features()));
    }

    private static EventFields ended(SessionInfo session, Instant at, int mtu, EndReason reason) {
        return session(session, at).with("mtu", mtu).with("reason", word(reason));
    }

    private static EventFields session(SessionInfo session, Instant at) {
        return from(session.remote(), session.local(), session.uuid(), at)
                .with("tunnelId", session.tunnelId())
                .with("sessionId", (double) session.sessionId())
                .with("interface", session.interfaceName())
                .with("datapath", word(session.datapath()))
                .with("features", words(session.features()))
                .with("profile", profile(session.profile()))
                .with("since", (double) session.since().toEpochMilli());
    }

    private static EventFields from(InetSocketAddress remote, InetSocketAddress local, String uuid, Instant at) {
        return new EventFields(new LinkedHashMap<>())
                .with("uuid", uuid)
                .with("remoteAddress", AddressText.of(remote))
                .with("remotePort", remote.getPort())
                .with("localAddress", AddressText.of(local))
                .with("localPort", local.getPort())
                .with("at", (double) at.toEpochMilli());
    }

    private static EventFields profile(SessionProfile profile) {
        return new EventFields(new LinkedHashMap<>())
                .with("mtu", number(profile.mtu()))
                .with("downBitsPerSecond", number(profile.downBitsPerSecond()))
                .with("upBitsPerSecond", number(profile.upBitsPerSecond()))
                .with("bridge", profile.bridge().orElse(null))
                .with("labels", new Labels(profile.labels()));
    }

    private EventFields with(String name, @Nullable Object value) {
        members.put(name, value);
        return this;
    }

    private static @Nullable Integer number(OptionalInt value) {
        return value.isPresent() ? value.getAsInt() : null;
    }

    private static @Nullable Double number(OptionalLong value) {
        return value.isPresent() ? (double) value.getAsLong() : null;
    }

    private static List<String> words(Set<ClientFeature> features) {
        return features.stream().sorted().map(EventFields::word).toList();
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
