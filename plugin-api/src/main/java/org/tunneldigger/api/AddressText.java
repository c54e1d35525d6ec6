// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.api;

import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * An IP address as text, the way {@code ip} prints it: {@code 192.0.2.1}, {@code 2001:db8::1} (RFC 5952 section 4),
 * without brackets, port or scope. {@link InetAddress#getHostAddress} prints {@code 2001:db8:0:0:0:0:0:1}.
 */
public final class AddressText {
    private AddressText() {}

    /** @throws IllegalArgumentException if the address is unresolved */
    public static String of(InetSocketAddress endpoint) {
        InetAddress address = endpoint.getAddress();
        if (address == null) {
            throw new IllegalArgumentException("unresolved address " + endpoint);
        }
        return of(address);
    }

    public static String of(InetAddress address) {
        byte[] bytes = address.getAddress();
        return bytes.length == 4 ? address.getHostAddress() : ofV6(bytes);
    }

    private static String ofV6(byte[] bytes) {
        int[] groups = new int[8];
        for (int i = 0; i < 8; i++) {
            groups[i] = (bytes[2 * i] & 255) << 8 | bytes[2 * i + 1] & 255;
        }
        int gapStart = 8;
        int gapEnd = 8;
        for (int from = 0; from < 8; from++) {
            int to = from;
            while (to < 8 && groups[to] == 0) {
                to++;
            }
            // A single zero group is not shortened, and of equal runs the first is (RFC 5952, 4.2.2 and 4.2.3).
            if (to - from >= 2 && to - from > gapEnd - gapStart) {
                gapStart = from;
                gapEnd = to;
            }
        }
        if (gapStart == 8) {
            return hex(groups, 0, 8);
        }
        return hex(groups, 0, gapStart) + "::" + hex(groups, gapEnd, 8);
    }

    private static String hex(int[] groups, int from, int to) {
        StringBuilder text = new StringBuilder(39);
        for (int i = from; i < to; i++) {
            if (i > from) {
                text.append(':');
            }
            text.append(Integer.toHexString(groups[i]));
        }
        return text.toString();
    }
}
