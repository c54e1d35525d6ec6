// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.config;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Every key of the configuration file with its section and the default as an operator would write it. The one list
 * that the reader, the default configuration file and docs/configuration.md share. The keys of {@code [plugin.NAME]}
 * sections belong to the plugins.
 */
public enum ConfigKey {
    ADDRESS("broker", "address", "0.0.0.0, ::"),
    PORT("broker", "port", "8942"),
    INTERFACE("broker", "interface", ""),
    DATAPATH("broker", "datapath", "auto"),
    MAX_TUNNELS("broker", "max_tunnels", "1024"),
    TUNNEL_ID_BASE("broker", "tunnel_id_base", "100"),
    PMTU("broker", "pmtu", "0"),
    CONNECTION_RATE_LIMIT("broker", "connection_rate_limit", "0"),
    CONNECTION_RATE_LIMIT_PER_IP_COUNT("broker", "connection_rate_limit_per_ip_count", "0"),
    CONNECTION_RATE_LIMIT_PER_IP_TIME("broker", "connection_rate_limit_per_ip_time", "0"),
    HOOK_TIMEOUT("broker", "hook_timeout", "10"),
    HOOK_CONCURRENCY("broker", "hook_concurrency", "16"),
    VERBOSITY("log", "verbosity", "INFO"),
    LOG_IP_ADDRESSES("log", "log_ip_addresses", "false"),
    SESSION_UP("hooks", "session.up", ""),
    SESSION_PRE_DOWN("hooks", "session.pre-down", ""),
    SESSION_DOWN("hooks", "session.down", ""),
    SESSION_MTU_CHANGED("hooks", "session.mtu-changed", ""),
    BROKER_CONNECTION_RATE_LIMIT("hooks", "broker.connection-rate-limit", ""),
    PLUGIN_DIRECTORY("plugins", "directory", ""),
    PLUGINS_ENABLED("plugins", "enabled", ""),
    PLUGINS_MANDATORY("plugins", "mandatory", ""),
    AUTHORIZE_FAILURE("plugins", "authorize_failure", "deny");

    private final String section;
    private final String keyName;
    private final String defaultText;

    ConfigKey(String section, String keyName, String defaultText) {
        this.section = section;
        this.keyName = keyName;
        this.defaultText = defaultText;
    }

    /** The section that the key stands in, without brackets. */
    public String section() {
        return section;
    }

    /** The key, lower-case. */
    public String keyName() {
        return keyName;
    }

    /** What is read when the file lacks the key; empty: nothing is set. */
    public String defaultText() {
        return defaultText;
    }

    static Optional<ConfigKey> find(String section, String keyName) {
        return inSection(section).stream()
                .filter(key -> key.keyName.equals(keyName))
                .findFirst();
    }

    static List<ConfigKey> inSection(String section) {
        return Arrays.stream(values())
                .filter(key -> key.section.equals(section))
                .toList();
    }

    static List<String> sections() {
        return Arrays.stream(values()).map(ConfigKey::section).distinct().toList();
    }
}
