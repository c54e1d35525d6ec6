// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.api.hook;

/**
 * Thrown by a hook whose work failed for a reason that its message tells fully: counted as a failure and logged as one
 * line. It carries no stack trace, as the cause is outside the plugin's code.
 */
public final class HookFailedException extends Exception {
    private static final long serialVersionUID = 1L;

    /** How loudly a failure is logged. */
    public enum Severity {
        /** The operator should know: WARN. */
        WARNING,
        /** Happens in ordinary operation: INFO. */
        NOTICE
    }

    private final Severity severity;

    public HookFailedException(Severity severity, String message) {
        super(message, null, false, false);
        this.severity = severity;
    }

    public Severity severity() {
        return severity;
    }
}
