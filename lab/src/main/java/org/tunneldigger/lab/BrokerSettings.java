// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.lab;

import java.util.LinkedHashMap;
import java.util.Map;

/** A broker's configuration file in the making; each change gives a new one. */
public final class BrokerSettings {
    private final Map<String, Map<String, String>> sections;

    private BrokerSettings(Map<String, Map<String, String>> sections) {
        this.sections = sections;
    }

    static BrokerSettings of(String datapath, HookLog hooks) {
        BrokerSettings settings = bare(datapath);
        for (String hook : HookLog.HOOKS) {
            settings = settings.with("hooks", hook, hooks.script(hook).toString());
        }
        return settings;
    }

    /** Without hooks. */
    static BrokerSettings bare(String datapath) {
        return new BrokerSettings(new LinkedHashMap<>())
                .with("broker", "address", Lab.BROKER_V4 + "," + Lab.BROKER_V6)
                .with("broker", "port", Integer.toString(Lab.PORT))
                .with("broker", "interface", "wan")
                .with("broker", "max_tunnels", "64")
                .with("broker", "tunnel_id_base", "100")
                .with("broker", "connection_rate_limit", "0")
                .with("broker", "pmtu", "0")
                .with("broker", "datapath", datapath)
                .with("log", "verbosity", "DEBUG")
                .with("log", "log_ip_addresses", "true");
    }

    /** The same with one key set, in place of its former value. */
    public BrokerSettings with(String section, String key, String value) {
        var copy = new LinkedHashMap<String, Map<String, String>>();
        sections.forEach((name, keys) -> copy.put(name, new LinkedHashMap<>(keys)));
        copy.computeIfAbsent(section, name -> new LinkedHashMap<>()).put(key, value);
        return new BrokerSettings(copy);
    }

    /** The file's text. */
    String text() {
        var text = new StringBuilder();
        sections.forEach((section, keys) -> {
            text.append('[').append(section).append("]\n");
            keys.forEach(
                    (key, value) -> text.append(key).append('=').append(value).append('\n'));
        });
        return text.toString();
    }
}
