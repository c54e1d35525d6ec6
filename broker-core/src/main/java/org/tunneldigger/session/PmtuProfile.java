// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.session;

import java.util.List;

/**
 * The numbers of path MTU discovery on one address family (docs/protocol.md, "Path MTU"). Sizes are of whole IP packets
 * in bytes; a tunnel MTU is what is left for the IP packet inside the Ethernet frame inside the tunnel.
 */
public enum PmtuProfile {
    /** 20 IP + 8 UDP + 4 version + 4 session + 4 sublayer + 14 Ethernet. */
    IPV4(28, 54, List.of(1334, 1400, 1450, 1476, 1492, 1500)),
    /** As IPv4 with 40 bytes of IP; the sizes give the same bridges as IPv4's, but for the two largest. */
    IPV6(48, 74, List.of(1354, 1420, 1470, 1496));

    /** No tunnel MTU is smaller: IPv6 must fit (RFC 8200, section 5). */
    public static final int MIN_TUNNEL_MTU = 1280;

    private final int headers;
    private final int overhead;
    private final List<Integer> probeSizes;

    PmtuProfile(int headers, int overhead, List<Integer> probeSizes) {
        this.headers = headers;
        this.overhead = overhead;
        this.probeSizes = probeSizes;
    }

    public static PmtuProfile of(boolean v6) {
        return v6 ? IPV6 : IPV4;
    }

    /** IP packet sizes to try, the smallest first. */
    public List<Integer> probeSizes() {
        return probeSizes;
    }

    /** Those of {@link #probeSizes()} above a size. */
    List<Integer> probeSizesAbove(int size) {
        int first = 0;
        while (first < probeSizes.size() && probeSizes.get(first) <= size) {
            first++;
        }
        return probeSizes.subList(first, probeSizes.size());
    }

    public int largestProbe() {
        return probeSizes.get(probeSizes.size() - 1);
    }

    /** The tunnel MTU that a session starts with and never exceeds: what the largest probe would give. */
    public int maxTunnelMtu() {
        return largestProbe() - overhead;
    }

    public int tunnelMtu(int pathMtu) {
        return clamp(pathMtu - overhead);
    }

    /** Brings a tunnel MTU into 1280…{@link #maxTunnelMtu()}. */
    public int clamp(int tunnelMtu) {
        return Math.max(MIN_TUNNEL_MTU, Math.min(maxTunnelMtu(), tunnelMtu));
    }

    /** UDP payload of an IP packet of this size. */
    public int datagramLength(int pathMtu) {
        return pathMtu - headers;
    }

    /** Size of the IP packet that carries this UDP payload. */
    public int pathMtu(int datagramLength) {
        return datagramLength + headers;
    }
}
