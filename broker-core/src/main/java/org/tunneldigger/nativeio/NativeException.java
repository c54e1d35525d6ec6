// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.nativeio;

import java.io.IOException;

/** The kernel refused something: {@code "bind 192.0.2.1:53: EADDRINUSE (Address already in use)"}. */
public class NativeException extends IOException {
    private final String operation;
    private final int errno;

    /** @param errno a positive error number */
    public NativeException(String operation, int errno) {
        this(operation, errno, "");
    }

    /**
     * @param errno a positive error number
     * @param detail more words on it, or nothing
     */
    protected NativeException(String operation, int errno, String detail) {
        super(operation + ": " + Errno.name(errno) + " (" + Errno.text(errno) + ")"
                + (detail.isEmpty() ? "" : ": " + detail));
        this.operation = operation;
        this.errno = errno;
    }

    /** What was tried, with its main argument: {@code "bind 192.0.2.1:53"}. */
    public final String operation() {
        return operation;
    }

    /** The positive error number; see {@link Errno}. */
    public final int errno() {
        return errno;
    }

    public final String errnoName() {
        return Errno.name(errno);
    }
}
