// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.protocol;

/** The canonical text of an IPv6 address, as RFC 5952 section 4 wants it and as {@code ip} prints it. */
final class Ipv6Text {
    private Ipv6Text() {}

    static String format(long high, long low) {
        int[] groups = new int[8];
        for (int i = 0; i < 8; i++) {
            groups[i] = (int) ((i < 4 ? high : low) >>> 48 - 16 * (i % 4)) & 0xFFFF;
        }
        int gapStart = -1;
        int gapLength = 1; // a single zero group is not shortened (RFC 5952, 4.2.2)
        for (int i = 0; i < 8; i++) {
            int run = i;
            while (run < 8 && groups[run] == 0) {
                run++;
            }
            if (run - i > gapLength) {
                gapStart = i;
                gapLength = run - i;
            }
            i = Math.max(i, run - 1);
        }
        StringBuilder text = new StringBuilder(39);
        for (int i = 0; i < 8; i++) {
            if (i == gapStart) {
                text.append("::");
                i += gapLength - 1;
            } else {
                if (i > 0 && text.charAt(text.length() - 1) != ':') {
                    text.append(':');
                }
                text.append(Integer.toHexString(groups[i]));
            }
        }
        return text.toString();
    }
}
