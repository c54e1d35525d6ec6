// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.jshooks;

/** A script cannot be loaded; the message says where and why, in one line. */
final class ScriptBrokenException extends Exception {
    private static final long serialVersionUID = 1L;

    ScriptBrokenException(String message) {
        super(message, null, false, false);
    }
}
