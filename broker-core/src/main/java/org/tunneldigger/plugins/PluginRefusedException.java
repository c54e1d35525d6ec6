// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.plugins;

/** A plugin cannot be used; the message says why and, if the operator can mend it, how. */
final class PluginRefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    private final boolean hanging;

    PluginRefusedException(String message) {
        this(message, false);
    }

    private PluginRefusedException(String message, boolean hanging) {
        super(message, null, false, false);
        this.hanging = hanging;
    }

    static PluginRefusedException hangingIn(String what) {
        return new PluginRefusedException(what + " did not return in time", true);
    }

    /** Whether its code still runs. */
    boolean hanging() {
        return hanging;
    }
}
