// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.nativeio;

import java.lang.ref.Reference;

/** Wakes a thread that waits in {@link Epoll} (eventfd(2)). {@link #signal} may be called by any thread, even after close. */
public final class EventFd implements AutoCloseable {
    private static final int CLOEXEC_NONBLOCK = LibC.O_CLOEXEC | LibC.O_NONBLOCK;

    private final OffHeap one = new OffHeap(8);
    private final OffHeap drained = new OffHeap(8);
    private int fd;

    private EventFd(int fd) {
        this.fd = fd;
        one.host.putLong(0, 1);
    }

    public static EventFd open() throws NativeException {
        return new EventFd(LibC.check(LibC.CALLS.eventfd(0, CLOEXEC_NONBLOCK), "eventfd"));
    }

    /** Makes {@link #fd} readable until it is drained. */
    public synchronized void signal() {
        if (fd >= 0) {
            // a full counter (EAGAIN) is readable as well, so the result does not matter
            LibC.CALLS.write(fd, one.address, 8);
            Reference.reachabilityFence(one);
        }
    }

    /** Takes back all signals so far. */
    public void drain() {
        LibC.CALLS.read(fd, drained.address, 8);
        Reference.reachabilityFence(drained);
    }

    public int fd() {
        return fd;
    }

    @Override
    public synchronized void close() {
        if (fd >= 0) {
            LibC.CALLS.close(fd);
            fd = -1;
        }
    }
}
