// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.api.net;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tunneldigger.api.AddressText;

/**
 * An interface's own address and the network that it is in, as in {@code ip address add 10.254.0.2/16}.
 *
 * @param address the address, host part included, without a scope
 * @param prefixLength bits of the network, 0…32 or 0…128
 */
public record InterfaceAddress(InetAddress address, int prefixLength) {
    private static final Pattern FORM = Pattern.compile("([0-9A-Fa-f:.]+)/([0-9]{1,3})");
    private static final Pattern V4 = Pattern.compile("(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(?:\\.(?!$)|$)){4}");

    /** @throws IllegalArgumentException if the prefix is longer than the address */
    public InterfaceAddress {
        int bits = address.getAddress().length * 8;
        if (prefixLength < 0 || prefixLength > bits) {
            throw new IllegalArgumentException("prefix length " + prefixLength + " is not within 0…" + bits);
        }
    }

    /**
     * Reads {@code 10.254.0.2/16} or {@code fd00::2/64}. Asks no name server.
     *
     * @throws IllegalArgumentException with a message for the operator
     */
    public static InterfaceAddress parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("'" + text + "' is no address with a prefix length, as 10.254.0.2/16");
        }
        String address = matcher.group(1);
        try {
            // Brackets keep the JDK from taking a word for a host's name.
            boolean v4 = V4.matcher(address).matches();
            InetAddress parsed = InetAddress.getByName(v4 ? address : "[" + address + "]");
            if (!v4 && !(parsed instanceof Inet6Address)) {
                throw new IllegalArgumentException("write an IPv4 address without ::ffff:");
            }
            return new InterfaceAddress(parsed, Integer.parseInt(matcher.group(2)));
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("'" + text + "' is no IPv4 or IPv6 address with a prefix length", e);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("'" + text + "': " + e.getMessage(), e);
        }
    }

    public IpFamily family() {
        return address.getAddress().length == 4 ? IpFamily.V4 : IpFamily.V6;
    }

    /** As {@link #parse} reads it. */
    @Override
    public String toString() {
        return AddressText.of(address) + "/" + prefixLength;
    }
}
