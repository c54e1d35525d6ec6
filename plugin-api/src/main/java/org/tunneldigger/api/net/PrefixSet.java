// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.api.net;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Any number of {@link AddressPrefix}es. A look-up costs one hash table for each prefix length that occurs, whatever their
 * number. Immutable, usable from every thread.
 */
public final class PrefixSet {
    private final List<Length> v4;
    private final List<Length> v6;
    private final int size;

    /** An address's bits from the left, 128 of them; IPv4 has its 32 in front. */
    private record Bits(long high, long low) {
        static Bits of(InetAddress address) {
            byte[] bytes = address.getAddress();
            ByteBuffer padded = ByteBuffer.allocate(16).put(bytes).rewind();
            return new Bits(padded.getLong(), padded.getLong());
        }

        Bits first(int length) {
            if (length >= 64) {
                return new Bits(high, low & mask(length - 64));
            }
            return new Bits(high & mask(length), 0);
        }

        private static long mask(int length) {
            return length == 0 ? 0 : -1L << 64 - length;
        }
    }

    /** The prefixes of one length. */
    private record Length(int bits, Set<Bits> networks) {}

    private PrefixSet(Collection<AddressPrefix> prefixes) {
        v4 = byLength(prefixes, IpFamily.V4);
        v6 = byLength(prefixes, IpFamily.V6);
        size = v4.stream().mapToInt(length -> length.networks().size()).sum()
                + v6.stream().mapToInt(length -> length.networks().size()).sum();
    }

    public static PrefixSet of(Collection<AddressPrefix> prefixes) {
        return new PrefixSet(prefixes);
    }

    /** How many different prefixes there are. */
    public int size() {
        return size;
    }

    public boolean contains(InetAddress address) {
        return find(address).isPresent();
    }

    /** The longest prefix that the address is in. */
    public Optional<AddressPrefix> find(InetAddress address) {
        Bits bits = Bits.of(address);
        boolean isV4 = address.getAddress().length == 4;
        for (Length length : isV4 ? v4 : v6) {
            Bits network = bits.first(length.bits());
            if (length.networks().contains(network)) {
                return Optional.of(prefix(network, length.bits(), isV4 ? 4 : 16));
            }
        }
        return Optional.empty();
    }

    private static AddressPrefix prefix(Bits network, int length, int bytes) {
        byte[] padded = ByteBuffer.allocate(16)
                .putLong(network.high())
                .putLong(network.low())
                .array();
        byte[] address = new byte[bytes];
        System.arraycopy(padded, 0, address, 0, bytes);
        try {
            return new AddressPrefix(InetAddress.getByAddress(address), length);
        } catch (UnknownHostException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static List<Length> byLength(Collection<AddressPrefix> prefixes, IpFamily family) {
        TreeMap<Integer, Set<Bits>> lengths = new TreeMap<>();
        for (AddressPrefix prefix : prefixes) {
            if (prefix.family() == family) {
                lengths.computeIfAbsent(prefix.length(), absent -> new HashSet<>())
                        .add(Bits.of(prefix.network()));
            }
        }
        List<Length> longestFirst = new ArrayList<>();
        lengths.descendingMap().forEach((bits, networks) -> longestFirst.add(new Length(bits, networks)));
        return List.copyOf(longestFirst);
    }
}
