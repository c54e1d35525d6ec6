// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.plugins;

/** A plugin cannot be used; the message says why and, if the operator can mend it, how. */
final class PluginRefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    PluginRefusedException(String message) {
        super(message, null, false, false);
    }
}
