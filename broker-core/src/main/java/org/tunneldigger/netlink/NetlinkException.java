// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.netlink;

import org.tunneldigger.nativeio.NativeException;

/**
 * The kernel refused a netlink request: {@code "create L2TP tunnel 100: EEXIST (File exists)"}, with its own explanation after
 * that where it gave one.
 */
public final class NetlinkException extends NativeException {
    private final String kernelText;

    /**
     * @param errno a positive error number
     * @param kernelText the extended acknowledgement's text, or nothing
     */
    public NetlinkException(String operation, int errno, String kernelText) {
        super(operation, errno, kernelText);
        this.kernelText = kernelText;
    }

    /** The kernel's own explanation (NLMSGERR_ATTR_MSG), or nothing. */
    public String kernelText() {
        return kernelText;
    }
}
