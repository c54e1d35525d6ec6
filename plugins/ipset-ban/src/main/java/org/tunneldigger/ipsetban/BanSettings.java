// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.ipsetban;

import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.tunneldigger.api.ConfigurationKeys;
import org.tunneldigger.api.net.AddressPrefix;
import org.tunneldigger.api.net.PrefixSet;

/**
 * The plugin's section.
 *
 * @param family nftables alone: which addresses its table sees
 * @param table nftables alone
 * @param set for IPv4
 * @param set6 for IPv6
 * @param timeout whole seconds, at least 1
 * @param exempt never banned
 * @param ports nftables with {@code create}: UDP to these is dropped; to all if empty
 * @param create whether sets and rules are made if they are missing
 */
record BanSettings(
        Kind kind,
        Family family,
        String table,
        String set,
        String set6,
        Duration timeout,
        PrefixSet exempt,
        List<Integer> ports,
        boolean create) {
    private static final int MOST_PORTS = 8;
    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_.-]{0,29}");

    /** What holds the addresses. */
    enum Kind {
        NFTABLES,
        IPSET
    }

    /** Of a table of nftables. */
    enum Family {
        INET,
        IP,
        IP6
    }

    static BanSettings read(ConfigurationKeys keys) {
        Kind kind = keys.choice("kind", Kind.NFTABLES);
        boolean nftables = kind == Kind.NFTABLES;
        Family family = keys.choice("family", Family.INET);
        String table = keys.parsed("table", "tunneldigger_ban", BanSettings::name);
        boolean create = keys.flag("create", true);
        List<Integer> ports = keys.list("ports", BanSettings::port);
        if (ports.size() > MOST_PORTS) {
            keys.wrong("ports", "more than " + MOST_PORTS);
        }
        if (!nftables) {
            for (String key : List.of("family", "table", "ports")) {
                if (keys.text(key).isPresent()) {
                    keys.wrong(key, "means something with kind = nftables alone");
                }
            }
        } else if (!create && !ports.isEmpty()) {
            keys.wrong("ports", "means something with create = yes alone");
        }
        return new BanSettings(
                kind,
                family,
                table,
                keys.parsed("set", nftables ? "banned" : "tunneldigger_blocked", BanSettings::name),
                keys.parsed("set6", nftables ? "banned6" : "tunneldigger_blocked6", BanSettings::name),
                Duration.ofSeconds(keys.integer("timeout", 600, 1, 4_000_000)),
                PrefixSet.of(keys.list("exempt", AddressPrefix::parse)),
                ports,
                create);
    }

    private static String name(String text) {
        if (!NAME.matcher(text).matches()) {
            throw new IllegalArgumentException("'" + text
                    + "' is no name of at most 30 letters, digits, _, . and -, beginning with a letter or _");
        }
        return text;
    }

    private static int port(String text) {
        if (text.matches("[0-9]{1,5}")) {
            int port = Integer.parseInt(text);
            if (port >= 1 && port <= 65535) {
                return port;
            }
        }
        throw new IllegalArgumentException("'" + text + "' is no port");
    }
}
