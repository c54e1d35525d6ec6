// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.lab;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The UDP datagrams of a packet capture (pcap, Ethernet, IPv4), in their order. */
public record Capture(List<Packet> packets) {

    /**
     * One datagram.
     *
     * @param toBroker whether it went to the broker's port
     */
    public record Packet(boolean toBroker, byte[] payload) {}

    private static final int MAGIC = 0xA1B2C3D4;
    private static final int FILE_HEADER = 24;
    private static final int RECORD_HEADER = 16;
    private static final int ETHERNET_HEADER = 14;
    private static final int PROTOCOL_UDP = 17;

    /** @throws IOException if the file can't be read or is no such capture */
    public static Capture read(Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.getInt() != MAGIC) {
            throw new IOException(file + " is no little-endian pcap file");
        }
        bytes.position(FILE_HEADER);
        List<Packet> packets = new ArrayList<>();
        while (bytes.remaining() >= RECORD_HEADER) {
            int length = bytes.getInt(bytes.position() + 8);
            ByteBuffer frame =
                    bytes.slice(bytes.position() + RECORD_HEADER, length).order(ByteOrder.BIG_ENDIAN);
            addUdp(packets, frame);
            bytes.position(bytes.position() + RECORD_HEADER + length);
        }
        return new Capture(List.copyOf(packets));
    }

    private static void addUdp(List<Packet> packets, ByteBuffer frame) {
        int ip = ETHERNET_HEADER;
        if (frame.limit() < ip + 28 || frame.get(ip) >> 4 != 4 || frame.get(ip + 9) != PROTOCOL_UDP) {
            return;
        }
        int udp = ip + 4 * (frame.get(ip) & 15);
        int destination = frame.getShort(udp + 2) & 0xFFFF;
        byte[] payload = new byte[(frame.getShort(udp + 4) & 0xFFFF) - 8];
        frame.get(udp + 8, payload);
        packets.add(new Packet(destination == Lab.PORT, payload));
    }

    /** The control packets of a type that the broker sent. */
    public List<byte[]> answers(int type) {
        return packets.stream()
                .filter(packet -> !packet.toBroker() && ControlPacket.isOfType(packet.payload(), type))
                .map(Packet::payload)
                .toList();
    }
}
