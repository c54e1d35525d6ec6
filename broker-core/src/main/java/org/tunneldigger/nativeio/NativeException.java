// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.nativeio;

import java.io.IOException;

/** A system call failed: {@code "bind 192.0.2.1:53: EADDRINUSE (Address already in use)"}. */
public final class NativeException extends IOException {
    private final String operation;
    private final int errno;

    /** @param errno a positive error number */
    public NativeException(String operation, int errno) {
        super(operation + ": " + Errno.name(errno) + " (" + Errno.text(errno) + ")");
        this.operation = operation;
        this.errno = errno;
    }

    /** What was tried, with its main argument: {@code "bind 192.0.2.1:53"}. */
    public String operation() {
        return operation;
    }

    /** The positive error number; see {@link Errno}. */
    public int errno() {
        return errno;
    }

    public String errnoName() {
        return Errno.name(errno);
    }
}
