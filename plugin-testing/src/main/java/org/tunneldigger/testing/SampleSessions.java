// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.testing;

import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.Set;
import org.tunneldigger.api.event.ClientFeature;
import org.tunneldigger.api.event.Datapath;
import org.tunneldigger.api.event.EndReason;
import org.tunneldigger.api.event.SessionDown;
import org.tunneldigger.api.event.SessionInfo;
import org.tunneldigger.api.event.SessionMtuChanged;
import org.tunneldigger.api.event.SessionPreDown;
import org.tunneldigger.api.event.SessionProfile;
import org.tunneldigger.api.event.SessionRequest;
import org.tunneldigger.api.event.SessionUp;

/** Events as the broker sends them, of sessions of 192.0.2.7 on 192.0.2.1. */
public final class SampleSessions {
    private static final InetSocketAddress CLIENT = new InetSocketAddress("192.0.2.7", 40001);
    private static final InetSocketAddress BROKER = new InetSocketAddress("192.0.2.1", 8942);

    private SampleSessions() {}

    public static SessionInfo session(String interfaceName) {
        return session(interfaceName, CLIENT, "uuid", SessionProfile.none());
    }

    public static SessionInfo session(
            String interfaceName, InetSocketAddress client, String uuid, SessionProfile profile) {
        return new SessionInfo(
                100,
                4_294_967_295L,
                interfaceName,
                client,
                BROKER,
                uuid,
                Datapath.KERNEL,
                Set.of(ClientFeature.UNIQUE_SESSION_ID),
                profile,
                Instant.EPOCH);
    }

    public static SessionRequest request(String uuid) {
        return request(uuid, CLIENT);
    }

    public static SessionRequest request(String uuid, InetSocketAddress client) {
        return new SessionRequest(
                uuid, client, BROKER, Set.of(ClientFeature.UNIQUE_SESSION_ID), Datapath.KERNEL, Instant.EPOCH);
    }

    public static SessionUp up(String interfaceName, int mtu) {
        return new SessionUp(session(interfaceName), mtu, Instant.EPOCH);
    }

    public static SessionMtuChanged mtuChanged(String interfaceName, int oldMtu, int newMtu) {
        return new SessionMtuChanged(session(interfaceName), oldMtu, newMtu, Instant.EPOCH);
    }

    public static SessionPreDown preDown(String interfaceName, int mtu) {
        return new SessionPreDown(session(interfaceName), mtu, EndReason.TIMEOUT, Instant.EPOCH);
    }

    public static SessionDown down(String interfaceName, int mtu) {
        return new SessionDown(session(interfaceName), mtu, EndReason.TIMEOUT, Instant.EPOCH);
    }
}
