// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.nativeio;

import java.lang.ref.Reference;

/** Network interfaces of the calling thread's network namespace. */
public final class Interfaces {
    private static final int NAME_SIZE = 16;

    private Interfaces() {}

    /**
     * The index of the interface, 0 if there is none of the name: then the kernel has run modprobe meanwhile, in case a module makes the
     * interface (net/core/dev_ioctl.c, dev_load). So this is no question to ask of what may be gone; {@link #exists} is.
     */
    public static int indexOf(String name) {
        return LibC.CALLS.if_nametoindex(name);
    }

    /** Whether there is an interface of the index. */
    public static boolean exists(int index) {
        OffHeap name = new OffHeap(NAME_SIZE);
        long result = LibC.CALLS.if_indextoname(index, name.address);
        Reference.reachabilityFence(name);
        return result != 0;
    }
}
