// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.bridgepermtu;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.tunneldigger.api.net.MacAddress;

/**
 * A hardware address that is the same on every start: locally administered, {@code 02:74:} and the POSIX cksum of the machine's id,
 * its name and the bridges' prefix. The example scripts derive the same one.
 */
final class StableMac {
    private static final long LOCAL_PREFIX = 0x0274_0000_0000L;
    private static final int POLYNOMIAL = 0x04C1_1DB7;

    private StableMac() {}

    /** @param root {@code /}, but for tests */
    static MacAddress of(Path root, String prefix) {
        String seed = content(root.resolve("etc/machine-id")) + " " + content(root.resolve("proc/sys/kernel/hostname"))
                + " " + prefix;
        byte[] bytes = seed.getBytes(StandardCharsets.ISO_8859_1);
        return new MacAddress(LOCAL_PREFIX | Integer.toUnsignedLong(cksum(bytes)));
    }

    private static String content(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1).stripTrailing();
        } catch (IOException e) {
            // a machine without one: what is left still tells machines apart
            return "";
        }
    }

    /** What cksum(1) prints: the CRC of the bytes and of their number, as many bytes of that as it takes, the lowest first. */
    static int cksum(byte[] bytes) {
        int crc = 0;
        for (byte one : bytes) {
            crc = shifted(crc, one);
        }
        for (int length = bytes.length; length != 0; length >>>= 8) {
            crc = shifted(crc, (byte) length);
        }
        return ~crc;
    }

    private static int shifted(int crc, byte next) {
        int result = crc ^ next << 24;
        for (int i = 0; i < 8; i++) {
            result = result << 1 ^ (result < 0 ? POLYNOMIAL : 0);
        }
        return result;
    }
}
