// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.nativeio;

import java.nio.file.Files;
import java.nio.file.Path;

/** Network interfaces of the calling thread's network namespace. */
public final class Interfaces {
    private static final int NAME_SIZE = 16;
    /** What the kernel answers, which nobody reads: thousands of sessions that end at once ask again and again. */
    private static final OffHeap NAME = new OffHeap(NAME_SIZE);

    private static final Path SYSFS = Path.of("/sys/class/net");

    private Interfaces() {}

    /**
     * The index of the interface, 0 if there is none of the name: then the kernel has run modprobe meanwhile, in case a module makes the
     * interface (net/core/dev_ioctl.c, dev_load). So this is no question to ask of what may be gone; {@link #isGone} is.
     */
    public static int indexOf(String name) {
        return LibC.CALLS.if_nametoindex(name);
    }

    /**
     * Whether nobody sees the interface any more: a removed one is first taken from the kernel's tables, and only after an RCU grace
     * period, milliseconds later, from sysfs, where scripts look (net/core/dev.c, unregister_netdevice_many).
     */
    public static boolean isGone(int index, String name) {
        return !exists(index) && Files.notExists(SYSFS.resolve(name));
    }

    private static boolean exists(int index) {
        synchronized (NAME) {
            return LibC.CALLS.if_indextoname(index, NAME.address) != 0;
        }
    }
}
