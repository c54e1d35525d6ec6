// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.execscripts;

import java.util.concurrent.TimeoutException;

/**
 * A script had no time left. The broker logs this behind "missed its deadline", as {@link #toString}: so that is the message
 * alone. No stack trace, as the cause is outside of the code.
 */
final class ScriptTimeoutException extends TimeoutException {
    private static final long serialVersionUID = 1L;

    ScriptTimeoutException(String message) {
        super(message);
    }

    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }

    @Override
    @SuppressWarnings("OverrideThrowableToString") // the message is right; the class's name before it is what is to go
    public String toString() {
        return String.valueOf(getMessage());
    }
}
