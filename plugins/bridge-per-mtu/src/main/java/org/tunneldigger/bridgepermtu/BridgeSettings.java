// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.bridgepermtu;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.tunneldigger.api.net.InterfaceAddress;

/**
 * What the section says.
 *
 * @param prefix a bridge's name is this and the MTU
 * @param addresses of every bridge
 * @param ruleTable number of the routing table for what comes in by a bridge, {@link #NO_TABLE} for no rule
 * @param rulePriority of that rule, 1…2^32 − 1
 * @param isolate whether ports are kept from each other
 * @param unknownKeys keys of the section that mean nothing here, sorted
 */
record BridgeSettings(
        String prefix,
        List<InterfaceAddress> addresses,
        long ruleTable,
        long rulePriority,
        boolean isolate,
        Set<String> unknownKeys) {
    static final long NO_TABLE = 0;

    /** 15 bytes are the longest name of an interface, and an MTU has 4 digits. */
    private static final Pattern PREFIX = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,10}");

    private static final long LARGEST_U32 = 0xFFFF_FFFFL;
    static final Set<String> KEYS = Set.of("prefix", "address", "rule_table", "rule_priority", "isolate");

    /** @throws IllegalArgumentException with a message for the operator that names every wrong value */
    static BridgeSettings read(Map<String, String> section, RouteTables tables) {
        List<String> mistakes = new ArrayList<>();
        Set<String> unknown = new TreeSet<>(section.keySet());
        unknown.removeAll(KEYS);
        Values values = new Values(section, mistakes);
        BridgeSettings settings = new BridgeSettings(
                values.read("prefix", "digger", BridgeSettings::prefix),
                values.read("address", List.of(), BridgeSettings::addresses),
                values.read("rule_table", NO_TABLE, tables::number),
                values.read("rule_priority", 1000L, BridgeSettings::priority),
                values.read("isolate", true, BridgeSettings::yesOrNo),
                unknown);
        if (!mistakes.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", mistakes));
        }
        return settings;
    }

    /** The section's values, and what is wrong with them. */
    private record Values(Map<String, String> section, List<String> mistakes) {
        <T> T read(String key, T ifEmpty, Function<String, T> reader) {
            String text = section.getOrDefault(key, "").strip();
            if (text.isEmpty()) {
                return ifEmpty;
            }
            try {
                return reader.apply(text);
            } catch (IllegalArgumentException e) {
                mistakes.add(key + ": " + e.getMessage());
                return ifEmpty;
            }
        }
    }

    private static String prefix(String text) {
        if (!PREFIX.matcher(text).matches()) {
            throw new IllegalArgumentException("'" + text
                    + "' can't begin a bridge's name: 1 to 11 letters, digits, '_', '.', '-', the first no '.' or '-'");
        }
        return text;
    }

    private static List<InterfaceAddress> addresses(String text) {
        List<InterfaceAddress> addresses = new ArrayList<>();
        for (String item : text.split(",", -1)) {
            addresses.add(InterfaceAddress.parse(item.strip()));
        }
        return List.copyOf(addresses);
    }

    private static long priority(String text) {
        try {
            long number = Long.parseLong(text);
            if (number >= 1 && number <= LARGEST_U32) {
                return number;
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw new IllegalArgumentException("'" + text + "' is no number from 1 to " + LARGEST_U32);
    }

    private static boolean yesOrNo(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "yes", "true", "on", "1" -> true;
            case "no", "false", "off", "0" -> false;
            default -> throw new IllegalArgumentException("'" + text + "' is neither yes nor no");
        };
    }
}
