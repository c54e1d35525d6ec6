// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.api;

import java.util.List;

/** A plugin's section has mistakes; the message names every one of them, with its line where that is known. */
public final class ConfigurationException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    /** @param mistakes each one complete, for the operator */
    public ConfigurationException(List<String> mistakes) {
        super(String.join("; ", mistakes));
    }
}
