// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.protocol;

/** The type byte of each control message (docs/protocol.md, "Messages"). */
final class MessageType {
    static final int COOKIE = 0x01;
    static final int PREPARE = 0x02;
    static final int ERROR = 0x03;
    static final int TUNNEL = 0x04;
    static final int KEEPALIVE = 0x05;
    static final int PMTUD = 0x06;
    static final int PMTUD_ACK = 0x07;
    static final int REL_ACK = 0x08;
    static final int PMTU_NTFY = 0x09;
    static final int USAGE = 0x0A;

    /** Types from here on are reliable: their payload starts with a 16-bit sequence, which the receiver acknowledges. */
    static final int FIRST_RELIABLE = 0x80;

    static final int LIMIT = 0x80;

    private MessageType() {}
}
