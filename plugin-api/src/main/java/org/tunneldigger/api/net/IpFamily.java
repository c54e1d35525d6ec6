// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.api.net;

/** Which Internet protocol: rules of the two are kept apart by the kernel. */
public enum IpFamily {
    V4,
    V6
}
