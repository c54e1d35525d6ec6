// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.bridgepermtu;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.tunneldigger.api.ConfigurationKeys;
import org.tunneldigger.api.event.SessionProfile;
import org.tunneldigger.api.net.InterfaceAddress;
import org.tunneldigger.api.net.MacAddress;

/**
 * What the section says.
 *
 * @param target where sessions go
 * @param addresses of every bridge
 * @param ruleTable number of the routing table for what comes in by a bridge, {@link #NO_TABLE} for no rule
 * @param rulePriority of that rule, 1…2^32 − 1
 * @param isolate whether a bridge's ports are kept from each other; nothing isolates those of another master
 * @param stp of every bridge; nothing: left as it is
 * @param multicastSnooping of every bridge; nothing: left as it is
 * @param mac hardware address of every bridge; nothing: one is derived
 */
record BridgeSettings(
        Target target,
        List<InterfaceAddress> addresses,
        long ruleTable,
        long rulePriority,
        boolean isolate,
        Optional<Boolean> stp,
        Optional<Boolean> multicastSnooping,
        Optional<MacAddress> mac) {
    static final long NO_TABLE = 0;

    /** 15 bytes are the longest name of an interface, and an MTU has 4 digits. */
    private static final Pattern PREFIX = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,10}");

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}");
    private static final long LARGEST_U32 = 0xFFFF_FFFFL;

    /** Called by {@link org.tunneldigger.api.PluginConfiguration#read}. */
    static BridgeSettings read(ConfigurationKeys keys, RouteTables tables) {
        Target target = target(keys);
        boolean isolate = keys.flag("isolate", true);
        BridgeSettings settings = new BridgeSettings(
                target,
                keys.list("address", InterfaceAddress::parse),
                keys.parsed("rule_table", NO_TABLE, tables::number),
                keys.integer("rule_priority", 1000, 1, LARGEST_U32),
                isolate,
                flag(keys, "stp"),
                flag(keys, "multicast_snooping"),
                keys.optional("mac", MacAddress::parse));
        if (target instanceof Target.OtherMaster master) {
            for (String key : List.of("stp", "multicast_snooping", "mac")) {
                refuse(keys, key, "master = " + master.name());
            }
            if (isolate && keys.text("isolate").isPresent()) {
                keys.wrong(
                        "isolate",
                        "not available under " + master.name()
                                + ": only bridges isolate their ports. Leave the key out,"
                                + " and keep tunnels apart by the master's own means (batman-adv: ap_isolation)");
            }
        }
        return settings;
    }

    private static Target target(ConfigurationKeys keys) {
        Optional<String> bridge = keys.optional("bridge", BridgeSettings::name);
        Optional<String> master = keys.optional("master", BridgeSettings::name);
        Target.PerMtu perMtu = new Target.PerMtu(
                keys.parsed("prefix", "digger", BridgeSettings::prefix),
                keys.list("precreate", BridgeSettings::mtu),
                keys.flag("remove_empty", false));
        if (bridge.isEmpty() && master.isEmpty()) {
            return perMtu;
        }
        String other = bridge.map(name -> "bridge = " + name).orElseGet(() -> "master = " + master.orElseThrow());
        refuse(keys, "prefix", other);
        refuse(keys, "precreate", other);
        if (perMtu.removeEmpty()) {
            refuse(keys, "remove_empty", other);
        }
        if (bridge.isPresent()) {
            refuse(keys, "master", other);
            return new Target.OneBridge(bridge.get());
        }
        return new Target.OtherMaster(master.orElseThrow());
    }

    private static void refuse(ConfigurationKeys keys, String key, String other) {
        if (keys.text(key).isPresent()) {
            keys.wrong(key, "means nothing together with " + other);
        }
    }

    private static Optional<Boolean> flag(ConfigurationKeys keys, String key) {
        boolean value = keys.flag(key, false);
        return keys.text(key).map(text -> value);
    }

    private static String prefix(String text) {
        if (!PREFIX.matcher(text).matches()) {
            throw new IllegalArgumentException("'" + text
                    + "' can't begin a bridge's name: 1 to 11 letters, digits, '_', '.', '-', the first no '.' or '-'");
        }
        return text;
    }

    private static String name(String text) {
        if (!NAME.matcher(text).matches()) {
            throw new IllegalArgumentException("'" + text
                    + "' is no interface's name: 1 to 15 letters, digits, '_', '.', '-', the first no '.' or '-'");
        }
        return text;
    }

    private static int mtu(String text) {
        if (text.matches("[0-9]{1,5}")) {
            int mtu = Integer.parseInt(text);
            if (mtu >= SessionProfile.MIN_MTU && mtu <= SessionProfile.MAX_MTU) {
                return mtu;
            }
        }
        throw new IllegalArgumentException("'" + text + "' is no MTU of a tunnel, " + SessionProfile.MIN_MTU + " to "
                + SessionProfile.MAX_MTU + " bytes");
    }
}
