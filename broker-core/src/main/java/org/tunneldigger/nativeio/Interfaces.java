// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.nativeio;

/** Network interfaces of the calling thread's network namespace. */
public final class Interfaces {
    private Interfaces() {}

    /** The index of the interface, 0 if there is none of the name. */
    public static int indexOf(String name) {
        return LibC.CALLS.if_nametoindex(name);
    }
}
