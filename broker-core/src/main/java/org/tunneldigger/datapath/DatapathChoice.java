// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.datapath;

/** Which datapath the operator asked for. */
public enum DatapathChoice {
    /** The kernel's where it works, TAP elsewhere. */
    AUTO,
    KERNEL,
    TAP
}
