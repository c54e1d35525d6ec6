// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.datapath.tap;

import java.nio.ByteBuffer;
import org.tunneldigger.nativeio.InternetChecksum;
import org.tunneldigger.nativeio.OffHeap;

/** Where the fields are in the headers of Ethernet, IPv4 (RFC 791), IPv6 (RFC 8200) and TCP (RFC 9293), in bytes. */
final class Headers {
    static final int ETHERNET_LENGTH = 14;
    static final int VLAN_LENGTH = 4;
    static final short ETHERTYPE_IPV4 = 0x0800;
    static final short ETHERTYPE_IPV6 = (short) 0x86DD;

    /** Without options. */
    static final int IPV4_LENGTH = 20;

    static final int IPV4_TOTAL_LENGTH = 2;
    static final int IPV4_ID = 4;
    static final int IPV4_FRAGMENT = 6;
    static final int IPV4_TIME_TO_LIVE = 8;
    static final int IPV4_PROTOCOL = 9;
    static final int IPV4_CHECKSUM = 10;
    static final int IPV4_ADDRESSES = 12;

    static final int IPV6_LENGTH = 40;
    static final int IPV6_PAYLOAD_LENGTH = 4;
    static final int IPV6_NEXT_HEADER = 6;
    static final int IPV6_HOP_LIMIT = 7;
    static final int IPV6_ADDRESSES = 8;

    static final int PROTOCOL_TCP = 6;

    /** Without options. */
    static final int TCP_LENGTH = 20;

    static final int TCP_SEQUENCE = 4;
    static final int TCP_ACKNOWLEDGEMENT = 8;
    static final int TCP_FLAGS = 13;
    static final int TCP_WINDOW = 14;
    static final int TCP_CHECKSUM = 16;

    /** The longest headers that are handled, Ethernet to TCP: two VLAN tags and all options fit. */
    static final int LONGEST = 240;

    private static final short ETHERTYPE_VLAN = (short) 0x8100;
    private static final short ETHERTYPE_SERVICE_VLAN = (short) 0x88A8;
    private static final int IPV4_ADDRESSES_LENGTH = 8;
    private static final int IPV6_ADDRESSES_LENGTH = 32;

    private Headers() {}

    static boolean isVlan(short etherType) {
        return etherType == ETHERTYPE_VLAN || etherType == ETHERTYPE_SERVICE_VLAN;
    }

    /** The header's length, as it says itself. */
    static int ipv4Length(ByteBuffer bytes, int ip) {
        return (bytes.get(ip) & 0x0F) * 4;
    }

    /** The header's length, as it says itself. */
    static int tcpLength(ByteBuffer bytes, int tcp) {
        return (bytes.get(tcp + 12) >> 4 & 0x0F) * 4;
    }

    /** The sum of TCP's pseudo header: addresses, protocol, length of TCP's header and payload. */
    static long pseudoHeaderSum(OffHeap memory, int ip, boolean v6, int tcpAndBody) {
        int addresses = v6
                ? InternetChecksum.sum(memory, ip + IPV6_ADDRESSES, IPV6_ADDRESSES_LENGTH)
                : InternetChecksum.sum(memory, ip + IPV4_ADDRESSES, IPV4_ADDRESSES_LENGTH);
        return (long) addresses + PROTOCOL_TCP + tcpAndBody;
    }
}
