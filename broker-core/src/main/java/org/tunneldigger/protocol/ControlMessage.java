// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.protocol;

import java.util.OptionalLong;

/**
 * One message of the control protocol, in either direction (docs/protocol.md, "Messages"). 32-bit fields are held as
 * {@code long} in 0…4294967295.
 */
public sealed interface ControlMessage extends Decoded {

    /** Feature flag: each end's session id is its own tunnel id; without it both ends use session id 1. */
    long FEATURE_UNIQUE_SESSION_IDS = 1;

    /** The messages that make up a handshake; on a session they are no sign of life. */
    sealed interface Handshake extends ControlMessage {}

    /** The reliable messages (types from 0x80): acknowledged by {@link RelAck} before they are acted on. */
    sealed interface Reliable extends ControlMessage {
        /** 0…65535. */
        int sequence();
    }

    /** Client to broker: how loaded are you? Eight bytes of padding, then the client's features if it has any. */
    record UsageRequest(OptionalLong features) implements Handshake {}

    /** @param load tunnels in use, 0 (none) … 65535 (all) */
    record UsageReply(int load) implements Handshake {}

    /** Client to broker with eight bytes of padding, back with eight opaque bytes. */
    record Cookie(long value) implements Handshake {}

    /**
     * Client to broker: open a tunnel.
     *
     * @param uuid any text, empty included, as UTF-8 at most 246 bytes less 4 for each trailing field
     * @param tunnelId the client's own tunnel id; 1 where absent
     * @param features absent where the client knows none; present only together with {@code tunnelId}
     */
    record Prepare(long cookie, String uuid, OptionalLong tunnelId, OptionalLong features) implements Handshake {
        public long tunnelIdOrDefault() {
            return tunnelId.orElse(1);
        }
    }

    /**
     * Broker to client: the tunnel stands.
     *
     * @param tunnelId the broker's tunnel id
     * @param features present only when the client sent some; what both ends will use
     */
    record Tunnel(long tunnelId, OptionalLong features) implements Handshake {}

    /**
     * Either end: the session is over, or (broker, without reason) refused.
     *
     * @param reason 0…255, or {@link #NO_REASON}; high nibble 0 from a broker, 1 from a client
     */
    record Error(int reason) implements ControlMessage {
        public static final int NO_REASON = -1;
        public static final Error REFUSED = new Error(NO_REASON);
    }

    /**
     * @param sequence any value; it only keeps the packets different from each other
     * @param width bytes of it on the wire: 2 from brokers, 4 from clients, 0 where a peer sent none or another length
     */
    record Keepalive(long sequence, int width) implements ControlMessage {}

    /**
     * A path MTU probe.
     *
     * @param datagramLength bytes of UDP payload, header and padding included
     */
    record Pmtud(int datagramLength) implements ControlMessage {}

    /** @param datagramLength bytes of UDP payload of the probe that arrived */
    record PmtudAck(int datagramLength) implements ControlMessage {}

    /** @param tunnelMtu the tunnel MTU that the sender measured, or was configured with */
    record PmtuNotify(int tunnelMtu) implements ControlMessage {}

    /** Broker to client: the reliable message of this sequence arrived. */
    record RelAck(int sequence) implements ControlMessage {}

    /**
     * Client to broker: shape what goes down the tunnel.
     *
     * @param kbitPerSecond 0…4294967295
     */
    record LimitDownstream(int sequence, long kbitPerSecond) implements Reliable {}

    /** A reliable message that we must acknowledge but don't know: another type, or another kind of limit. */
    record UnknownReliable(int sequence, int type) implements Reliable {}
}
