// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.jshooks;

import java.util.Arrays;
import java.util.stream.Collectors;

/** The hooks that a script may have a handler for. */
enum HookName {
    SESSION_AUTHORIZE("session.authorize"),
    SESSION_PROFILE("session.profile"),
    SESSION_UP("session.up"),
    SESSION_MTU_CHANGED("session.mtu-changed"),
    SESSION_PRE_DOWN("session.pre-down"),
    SESSION_DOWN("session.down"),
    CONNECTION_RATE_LIMIT("broker.connection-rate-limit");

    private final String text;

    HookName(String text) {
        this.text = text;
    }

    /** All names with a space between. */
    static String all() {
        return Arrays.stream(values()).map(HookName::toString).collect(Collectors.joining(" "));
    }

    /** As in {@code on("session.up", …)}. */
    @Override
    public String toString() {
        return text;
    }
}
