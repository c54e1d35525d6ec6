// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.jshooks;

/** A script went over a limit and has to be stopped. */
final class ScriptStoppedException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Which limit. */
    enum Limit {
        TIME,
        ALLOCATION
    }

    private final Limit limit;

    ScriptStoppedException(Limit limit, String message) {
        super(message, null, false, false);
        this.limit = limit;
    }

    Limit limit() {
        return limit;
    }
}
