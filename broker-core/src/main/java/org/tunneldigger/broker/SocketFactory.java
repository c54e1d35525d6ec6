// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.broker;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.tunneldigger.nativeio.UdpSocket;
import org.tunneldigger.protocol.Endpoint;

/**
 * Opens the two kinds of UDP socket that share each of the broker's ports: a listener for everybody, and one connected
 * socket a session. Linux gives a packet to the connected socket where one matches (since 5.10.152, 5.15.76, 6.0.6 and
 * 6.1 reliably so).
 */
final class SocketFactory {
    private static final int LISTENER_BUFFER_BYTES = 1 << 20;

    private final @Nullable String interfaceName;

    /** @param interfaceName the interface that every socket is bound to, or null */
    SocketFactory(@Nullable String interfaceName) {
        this.interfaceName = interfaceName;
    }

    /** Fails with EADDRINUSE if any other socket has the port; {@link #listener} alone would share it silently. */
    void probeFree(Endpoint endpoint) throws IOException {
        try (UdpSocket socket = open(endpoint.v6())) {
            socket.bind(endpoint);
        }
    }

    UdpSocket listener(Endpoint endpoint) throws IOException {
        UdpSocket socket = open(endpoint.v6());
        try {
            socket.reusePort();
            socket.packetInfo();
            socket.receiveBuffer(LISTENER_BUFFER_BYTES);
            socket.bind(endpoint);
            // Sockets of sessions join this group; between their bind and connect they must take no stranger's packet.
            socket.pickFirstOfGroup();
            return socket;
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    UdpSocket connected(Flow flow) throws IOException {
        UdpSocket socket = open(flow.local().v6());
        try {
            socket.reusePort();
            socket.probeMtu();
            socket.bind(flow.local());
            socket.connect(flow.remote());
            return socket;
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    private UdpSocket open(boolean v6) throws IOException {
        UdpSocket socket = UdpSocket.open(v6);
        try {
            if (v6) {
                socket.v6Only();
            }
            if (interfaceName != null) {
                socket.bindToDevice(interfaceName);
            }
            return socket;
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }
}
