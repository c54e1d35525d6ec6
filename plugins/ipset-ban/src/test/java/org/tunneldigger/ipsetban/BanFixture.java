// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.ipsetban;

import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tunneldigger.api.event.ConnectionRateLimited;
import org.tunneldigger.nativeio.NetworkNamespace;
import org.tunneldigger.testing.KernelFixture;
import org.tunneldigger.testing.TestContext;

/** The plugin, and a client that can send to it. */
final class BanFixture implements AutoCloseable {
    static final String BROKER = "10.98.0.1";
    static final String CLIENT = "10.98.0.2";
    static final int PORT = 8942;

    private static final Pattern EXPIRES = Pattern.compile("(?:expires\": ?| timeout )([0-9]+)");

    final KernelFixture kernel = new KernelFixture();
    final TestContext context;
    final IpsetBan plugin = new IpsetBan();
    private final String client;

    BanFixture(String... keysAndValues) throws Exception {
        Map<String, String> section = new HashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            section.put(keysAndValues[i], keysAndValues[i + 1]);
        }
        context = TestContext.of("ipset-ban", section, kernel.network());
        client = kernel.client("td-a", CLIENT + "/24");
        kernel.broker("ip", "address", "add", BROKER + "/24", "dev", "td-a");
        kernel.broker("ip", "link", "set", "td-a", "up");
    }

    void start() throws Exception {
        kernel.inBroker(() -> plugin.start(context));
    }

    void limited(String address) throws Exception {
        kernel.inBroker(() -> plugin.onConnectionRateLimited(new ConnectionRateLimited(
                new InetSocketAddress(address, 40001), new InetSocketAddress(BROKER, PORT), "uuid", Instant.EPOCH)));
    }

    /** Whether a packet of the client reaches the broker's machine; tried for 5 s if it should, for half a second if not. */
    boolean gets(int port, boolean expected) throws Exception {
        boolean[] got = {false};
        kernel.inBroker(() -> {
            try (DatagramSocket receiver = new DatagramSocket(new InetSocketAddress(BROKER, port))) {
                receiver.setSoTimeout(100);
                for (int i = 0; i < (expected ? 50 : 5) && !got[0]; i++) {
                    send(port);
                    got[0] = receives(receiver);
                }
            }
        });
        return got[0];
    }

    private void send(int port) throws Exception {
        NetworkNamespace.named(client).call(() -> {
            try (DatagramSocket sender = new DatagramSocket()) {
                sender.send(new DatagramPacket(new byte[12], 12, InetAddress.getByName(BROKER), port));
            }
            return true;
        });
    }

    private static boolean receives(DatagramSocket receiver) throws Exception {
        try {
            receiver.receive(new DatagramPacket(new byte[100], 100));
            return true;
        } catch (SocketTimeoutException e) {
            return false;
        }
    }

    /** Seconds that the first element in a listing of a set has left. */
    long secondsLeft(String... listing) throws Exception {
        Matcher matcher = EXPIRES.matcher(kernel.broker(listing));
        return matcher.find() ? Long.parseLong(matcher.group(1)) : -1;
    }

    @Override
    public void close() throws Exception {
        try (context;
                kernel) {
            plugin.close();
        }
    }
}
