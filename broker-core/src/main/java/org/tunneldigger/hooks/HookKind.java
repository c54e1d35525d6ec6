// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.hooks;

/** The hooks by the names that operators know from the configuration and the metrics. */
public enum HookKind {
    SESSION_AUTHORIZE("session.authorize"),
    SESSION_PROFILE("session.profile"),
    SESSION_UP("session.up"),
    SESSION_MTU_CHANGED("session.mtu-changed"),
    SESSION_PRE_DOWN("session.pre-down"),
    SESSION_DOWN("session.down"),
    CONNECTION_RATE_LIMIT("broker.connection-rate-limit");

    private final String configuredName;

    HookKind(String configuredName) {
        this.configuredName = configuredName;
    }

    public String configuredName() {
        return configuredName;
    }

    /** Whether anybody who can send packets decides how many of these events there are. */
    boolean byStrangers() {
        return this == SESSION_AUTHORIZE || this == SESSION_PROFILE || this == CONNECTION_RATE_LIMIT;
    }

    /** Whether plugins are called in reverse order: what was built up last is taken down first. */
    boolean reversed() {
        return this == SESSION_PRE_DOWN || this == SESSION_DOWN;
    }
}
