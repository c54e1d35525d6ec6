// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.api.net;

import java.io.IOException;

/**
 * The kernel refused a change of the network: {@code "attach l2tp100-100 to digger1446: enslave link 7 to 9: EBUSY (Device or
 * resource busy)"}, with the kernel's own explanation after that where it gave one.
 */
public final class NetworkException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String operation;
    private final String errnoName;
    private final String kernelText;

    /**
     * @param operation what was tried, with names: {@code "attach l2tp100-100 to digger1446"}
     * @param errnoName the symbol of the error number (errno(3)): {@code "EBUSY"}
     * @param kernelText the kernel's own explanation, or nothing
     * @param detail the rest of the message
     */
    public NetworkException(String operation, String errnoName, String kernelText, String detail) {
        super(operation + ": " + detail);
        this.operation = operation;
        this.errnoName = errnoName;
        this.kernelText = kernelText;
    }

    public String operation() {
        return operation;
    }

    /** {@code "EBUSY"}; {@code "errno 123"} for one that has no symbol here. */
    public String errnoName() {
        return errnoName;
    }

    /** The kernel's own explanation (NLMSGERR_ATTR_MSG in linux/netlink.h), or nothing. */
    public String kernelText() {
        return kernelText;
    }
}
