// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.api.net;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The hardware address of one Ethernet interface.
 *
 * @param value its 48 bits, the first byte highest; no group address, not zero
 */
public record MacAddress(long value) {
    private static final Pattern FORM = Pattern.compile("[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}");
    private static final long GROUP_BIT = 0x0100_0000_0000L;

    /** @throws IllegalArgumentException with a message for the operator */
    public MacAddress {
        if (value <= 0 || value > 0xFFFF_FFFF_FFFFL || (value & GROUP_BIT) != 0) {
            throw new IllegalArgumentException("not the hardware address of one interface");
        }
    }

    /**
     * Reads {@code 02:74:00:12:34:56}.
     *
     * @throws IllegalArgumentException with a message for the operator
     */
    public static MacAddress parse(String text) {
        if (!FORM.matcher(text).matches()) {
            throw new IllegalArgumentException("'" + text + "' is no hardware address, as 02:74:00:12:34:56");
        }
        try {
            return new MacAddress(Long.parseLong(text.replace(":", ""), 16));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("'" + text + "' is " + e.getMessage(), e);
        }
    }

    /** The six bytes in the order in which they are sent. */
    public byte[] bytes() {
        byte[] bytes = new byte[6];
        for (int i = 0; i < 6; i++) {
            bytes[i] = (byte) (value >> 8 * (5 - i));
        }
        return bytes;
    }

    /** As {@link #parse} reads it, in lower case. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(17);
        for (byte one : bytes()) {
            text.append(text.isEmpty() ? "" : ":").append(String.format(Locale.ROOT, "%02x", one));
        }
        return text.toString();
    }
}
