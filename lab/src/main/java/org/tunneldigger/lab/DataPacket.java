// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.lab;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** L2TPv3 over UDP with the default sublayer (RFC 3931 §4.1.2.1), as the kernel sends it, and frames to carry in it. */
public final class DataPacket {
    private static final int HEAD = 0x0003_0000;
    private static final int FRAME_OFFSET = 12;
    private static final int ETHERTYPE_ARP = 0x0806;
    private static final int ARP_REPLY = 2;
    private static final byte[] PEER_MAC = {0x02, 0, 0, 0, 0, 0x77};

    private DataPacket() {}

    /** @param sessionId the receiver's */
    public static byte[] encode(long sessionId, byte[] frame) {
        return ByteBuffer.allocate(FRAME_OFFSET + frame.length)
                .putInt(HEAD)
                .putInt((int) sessionId)
                .putInt(0)
                .put(frame)
                .array();
    }

    public static boolean isData(byte[] datagram) {
        return datagram.length > FRAME_OFFSET && ByteBuffer.wrap(datagram).getInt() == HEAD;
    }

    public static long sessionId(byte[] datagram) {
        return ByteBuffer.wrap(datagram).getInt(4) & 0xFFFF_FFFFL;
    }

    /** A broadcast that asks who has the target (RFC 826). */
    public static byte[] arpRequest(String sender, String target) {
        byte[] broadcast = new byte[6];
        Arrays.fill(broadcast, (byte) 0xFF);
        return ByteBuffer.allocate(60)
                .put(broadcast)
                .put(PEER_MAC)
                .putShort((short) ETHERTYPE_ARP)
                .putShort((short) 1)
                .putShort((short) 0x0800)
                .put((byte) 6)
                .put((byte) 4)
                .putShort((short) 1)
                .put(PEER_MAC)
                .put(address(sender))
                .put(new byte[6])
                .put(address(target))
                .array();
    }

    /** Whether the datagram carries an ARP reply to {@link #arpRequest}'s sender. */
    public static boolean isArpReply(byte[] datagram) {
        if (!isData(datagram) || datagram.length < FRAME_OFFSET + 42) {
            return false;
        }
        ByteBuffer frame = ByteBuffer.wrap(datagram, FRAME_OFFSET, datagram.length - FRAME_OFFSET)
                .slice();
        return (frame.getShort(12) & 0xFFFF) == ETHERTYPE_ARP
                && frame.getShort(20) == ARP_REPLY
                && Arrays.equals(datagram, FRAME_OFFSET, FRAME_OFFSET + 6, PEER_MAC, 0, 6);
    }

    private static byte[] address(String text) {
        try {
            return InetAddress.getByName(text).getAddress();
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(text, e);
        }
    }
}
