// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.api.net;

import java.net.InetAddress;
import java.util.regex.Pattern;
import org.tunneldigger.api.AddressText;

/**
 * A range of addresses: {@code 10.0.0.0/8}, {@code 2001:db8::/32}, or one address.
 *
 * @param network the first address of the range
 * @param length how many bits all its addresses share, 0…32 or 0…128
 */
public record AddressPrefix(InetAddress network, int length) {
    private static final Pattern LOOKS_V4 = Pattern.compile("[0-9.]+");

    /** @throws IllegalArgumentException if the length is out of range, or the network has bits set behind it */
    public AddressPrefix {
        byte[] bytes = network.getAddress();
        if (length < 0 || length > bytes.length * 8) {
            throw new IllegalArgumentException("prefix length " + length + " is not within 0…" + bytes.length * 8);
        }
        for (int bit = length; bit < bytes.length * 8; bit++) {
            if ((bytes[bit / 8] & 0x80 >> bit % 8) != 0) {
                throw new IllegalArgumentException(
                        "'" + AddressText.of(network) + "/" + length + "' has bits set behind its first " + length);
            }
        }
    }

    /**
     * Reads {@code 10.0.0.0/8}, {@code 2001:db8::/32}, {@code 192.0.2.7} or {@code 2001:db8::7}. Asks no name server.
     *
     * @throws IllegalArgumentException with a message for the operator
     */
    public static AddressPrefix parse(String text) {
        String whole =
                text.contains("/") ? text : text + (LOOKS_V4.matcher(text).matches() ? "/32" : "/128");
        InterfaceAddress address;
        try {
            address = InterfaceAddress.parse(whole);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("'" + text + "' is no address and no prefix as 10.0.0.0/8", e);
        }
        return new AddressPrefix(address.address(), address.prefixLength());
    }

    public IpFamily family() {
        return network.getAddress().length == 4 ? IpFamily.V4 : IpFamily.V6;
    }

    /** Whether it is one address. */
    public boolean isSingle() {
        return length == network.getAddress().length * 8;
    }

    /** As {@link #parse} reads it: a single address without its length. */
    @Override
    public String toString() {
        return AddressText.of(network) + (isSingle() ? "" : "/" + length);
    }
}
