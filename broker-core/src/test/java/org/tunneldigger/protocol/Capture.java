// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.protocol;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** The UDP datagrams of a pcap file with IPv4 over Ethernet or Linux cooked capture. */
public final class Capture {
    /** @param fromClient whether the reference's client (10.77.0.2) sent it */
    public record Packet(boolean fromClient, byte[] payload) {
        public ByteBuffer buffer() {
            return ByteBuffer.wrap(payload);
        }
    }

    private static final int BROKER_PORT = 8942;

    private Capture() {}

    public static List<Packet> read(String resource) {
        try (InputStream in = Objects.requireNonNull(Capture.class.getResourceAsStream("/captures/" + resource))) {
            return parse(ByteBuffer.wrap(in.readAllBytes()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Packet> parse(ByteBuffer file) {
        file.order(file.getInt(0) == 0xA1B2C3D4 ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
        int linkHeader = switch (file.getInt(20)) {
            case 1 -> 14;
            case 113 -> 16;
            case 276 -> 20;
            default -> throw new IllegalArgumentException("link type " + file.getInt(20));
        };
        List<Packet> packets = new ArrayList<>();
        file.position(24);
        while (file.hasRemaining()) {
            int length = file.getInt(file.position() + 8);
            ByteBuffer frame = file.slice(file.position() + 16, length);
            file.position(file.position() + 16 + length);
            ByteBuffer ip = frame.slice(linkHeader, length - linkHeader);
            if (ip.get(0) >> 4 == 4 && ip.get(9) == 17) {
                int udp = (ip.get(0) & 15) * 4;
                byte[] payload = new byte[(ip.getShort(udp + 4) & 0xFFFF) - 8];
                ip.get(udp + 8, payload);
                packets.add(new Packet((ip.getShort(udp + 2) & 0xFFFF) == BROKER_PORT, payload));
            }
        }
        return packets;
    }
}
