// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.api.event;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * How a client's session is to be, where it is to differ from the others: what a
 * {@link org.tunneldigger.api.hook.SessionProfileHook} answers. What is empty is left to the other plugins and to the broker.
 *
 * @param mtu the tunnel's MTU in bytes, {@value #MIN_MTU}…{@value #MAX_MTU}, fixed: the path is not probed, as with
 *     {@code pmtu} in the configuration; over IPv6 at most 1426 is used
 * @param downBitsPerSecond limit towards the client, 8 000…2^40 bit/s; the client's own request (LIMIT) can only lower it
 * @param upBitsPerSecond limit from the client, 8 000…2^40 bit/s
 * @param bridge name of the bridge that the plugin which does the bridging is to use, 1…15 characters without space or slash
 * @param labels any further words for other plugins, the log and the metrics; at most {@value #MAX_LABELS}
 */
public record SessionProfile(
        OptionalInt mtu,
        OptionalLong downBitsPerSecond,
        OptionalLong upBitsPerSecond,
        Optional<String> bridge,
        Map<String, String> labels) {
    public static final int MIN_MTU = 1280;
    public static final int MAX_MTU = 1446;
    public static final int MAX_LABELS = 64;
    private static final long MIN_RATE = 8_000;
    private static final long MAX_RATE = 1L << 40;
    private static final SessionProfile NONE = new SessionProfile(
            OptionalInt.empty(), OptionalLong.empty(), OptionalLong.empty(), Optional.empty(), Map.of());

    /** @throws IllegalArgumentException if a value is out of range */
    public SessionProfile {
        labels = Map.copyOf(labels);
        if (mtu.isPresent() && (mtu.getAsInt() < MIN_MTU || mtu.getAsInt() > MAX_MTU)) {
            throw new IllegalArgumentException("mtu " + mtu.getAsInt() + " is not within " + MIN_MTU + "…" + MAX_MTU);
        }
        checkRate("down", downBitsPerSecond);
        checkRate("up", upBitsPerSecond);
        if (bridge.isPresent() && !bridge.get().matches("(?!\\.{1,2}$)[!-.0-~]{1,15}")) {
            throw new IllegalArgumentException("'" + bridge.get() + "' can't be the name of a bridge");
        }
        if (labels.size() > MAX_LABELS) {
            throw new IllegalArgumentException("more than " + MAX_LABELS + " labels");
        }
    }

    /** Nothing special. */
    public static SessionProfile none() {
        return NONE;
    }

    public SessionProfile withMtu(int bytes) {
        return new SessionProfile(OptionalInt.of(bytes), downBitsPerSecond, upBitsPerSecond, bridge, labels);
    }

    public SessionProfile withDownBitsPerSecond(long rate) {
        return new SessionProfile(mtu, OptionalLong.of(rate), upBitsPerSecond, bridge, labels);
    }

    public SessionProfile withUpBitsPerSecond(long rate) {
        return new SessionProfile(mtu, downBitsPerSecond, OptionalLong.of(rate), bridge, labels);
    }

    public SessionProfile withBridge(String name) {
        return new SessionProfile(mtu, downBitsPerSecond, upBitsPerSecond, Optional.of(name), labels);
    }

    /** Beside the labels that it has; a label of the same name is replaced. */
    public SessionProfile withLabel(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(labels);
        more.put(name, value);
        return new SessionProfile(mtu, downBitsPerSecond, upBitsPerSecond, bridge, more);
    }

    /** This profile, and where it says nothing, what the other says. */
    public SessionProfile orElse(SessionProfile other) {
        Map<String, String> all = new LinkedHashMap<>(other.labels);
        all.putAll(labels);
        return new SessionProfile(
                mtu.isPresent() ? mtu : other.mtu,
                downBitsPerSecond.isPresent() ? downBitsPerSecond : other.downBitsPerSecond,
                upBitsPerSecond.isPresent() ? upBitsPerSecond : other.upBitsPerSecond,
                bridge.or(() -> other.bridge),
                all);
    }

    private static void checkRate(String direction, OptionalLong rate) {
        if (rate.isPresent() && (rate.getAsLong() < MIN_RATE || rate.getAsLong() > MAX_RATE)) {
            throw new IllegalArgumentException(
                    direction + " rate " + rate.getAsLong() + " bit/s is not within " + MIN_RATE + "…" + MAX_RATE);
        }
    }
}
