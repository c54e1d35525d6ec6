// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.config;

import java.util.Arrays;
import java.util.Optional;

/** Keys that deployed files still carry and that mean nothing any more, with what took their place. */
enum OldKey {
    MAX_COOKIES("broker", "max_cookies", "cookies are not stored, so there is nothing to bound"),
    TUNNEL_TIMEOUT(
            "broker", "tunnel_timeout", "a silent tunnel is closed after the time that the protocol sets, 120 s"),
    PMTU_DISCOVERY(
            "broker", "pmtu_discovery", "'pmtu' replaces it: 0 discovers the path MTU, a number fixes the tunnel's"),
    PORT_BASE("broker", "port_base", "all tunnels share the ports in 'port'"),
    NAMESPACE("broker", "namespace", "start the broker inside the namespace, as with 'ip netns exec'"),
    CHECK_MODULES("broker", "check_modules", "'datapath' replaces it: the datapath is tried out at start"),
    FILENAME(
            "log", "filename", "the log goes to standard error, where the service's journal or a redirection takes it");

    private final String section;
    private final String keyName;
    private final String replacement;

    OldKey(String section, String keyName, String replacement) {
        this.section = section;
        this.keyName = keyName;
        this.replacement = replacement;
    }

    String keyName() {
        return keyName;
    }

    /** What the operator does or knows instead: the rest of a sentence. */
    String replacement() {
        return replacement;
    }

    static Optional<OldKey> find(String section, String keyName) {
        return Arrays.stream(values())
                .filter(key -> key.section.equals(section) && key.keyName.equals(keyName))
                .findFirst();
    }
}
