// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.protocol;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/**
 * An IP address and a UDP port, cheap to make for every datagram and usable as a map key.
 *
 * @param v6 whether the address is IPv6
 * @param high the upper 64 bits of an IPv6 address, 0 for IPv4
 * @param low the lower 64 bits of an IPv6 address; an IPv4 address in its lower 32 bits
 * @param scope the interface index of an IPv6 link-local address, else 0
 * @param port UDP port, 0…65535
 */
public record Endpoint(boolean v6, long high, long low, int scope, int port) {

    /** An IPv4 endpoint; {@code address} holds the four bytes in network order, most significant first. */
    public static Endpoint v4(int address, int port) {
        return new Endpoint(false, 0, address & 0xFFFF_FFFFL, 0, port);
    }

    /** An IPv6 endpoint; {@code scope} is kept for link-local addresses (fe80::/10) only. */
    public static Endpoint v6(long high, long low, int scope, int port) {
        boolean linkLocal = (high >>> 54) == 0x3FA;
        return new Endpoint(true, high, low, linkLocal ? scope : 0, port);
    }

    /** @throws IllegalArgumentException if the address is unresolved */
    public static Endpoint of(InetSocketAddress address) {
        if (address.isUnresolved()) {
            throw new IllegalArgumentException("unresolved address " + address);
        }
        return of(address.getAddress(), address.getPort());
    }

    public static Endpoint of(InetAddress address, int port) {
        byte[] bytes = address.getAddress();
        if (bytes.length == 4) {
            return v4((int) bigEndian(bytes, 0, 4), port);
        }
        int scope = address instanceof Inet6Address inet6 ? inet6.getScopeId() : 0;
        return v6(bigEndian(bytes, 0, 8), bigEndian(bytes, 8, 8), scope, port);
    }

    // Written out, as every datagram is looked up by its endpoints: the generated ones are method handles, which the
    // first compiler leaves to an interpreter of a kind.
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Endpoint that
                && low == that.low
                && port == that.port
                && high == that.high
                && scope == that.scope
                && v6 == that.v6;
    }

    @Override
    public int hashCode() {
        return (Long.hashCode(high) * 31 + Long.hashCode(low)) * 31 + (scope * 31 + port);
    }

    public InetSocketAddress toSocketAddress() {
        return new InetSocketAddress(inetAddress(), port);
    }

    /** The address as text, without the port: {@code 192.0.2.1} or {@code 2001:db8::1}. */
    public String host() {
        return v6 ? Ipv6Text.format(high, low) : dottedQuad();
    }

    /** Whether this is {@code 0.0.0.0} or {@code ::}. */
    public boolean isWildcard() {
        return high == 0 && low == 0;
    }

    public Endpoint withPort(int newPort) {
        return new Endpoint(v6, high, low, scope, newPort);
    }

    @Override
    public String toString() {
        return v6 ? "[" + host() + "]:" + port : host() + ":" + port;
    }

    private String dottedQuad() {
        return (low >>> 24 & 255) + "." + (low >>> 16 & 255) + "." + (low >>> 8 & 255) + "." + (low & 255);
    }

    private InetAddress inetAddress() {
        byte[] bytes = new byte[v6 ? 16 : 4];
        for (int i = 0; i < bytes.length; i++) {
            int shift = 8 * ((bytes.length - 1 - i) % 8);
            bytes[i] = (byte) ((v6 && i < 8 ? high : low) >>> shift);
        }
        try {
            return v6 ? Inet6Address.getByAddress(null, bytes, scope) : Inet4Address.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address of 4 or 16 bytes is always legal", e);
        }
    }

    private static long bigEndian(byte[] bytes, int from, int count) {
        long value = 0;
        for (int i = from; i < from + count; i++) {
            value = value << 8 | bytes[i] & 255;
        }
        return value;
    }
}
