// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.nativeio;

import java.lang.ref.Reference;

/**
 * Waits for many file descriptors, level-triggered (epoll(7)). Used by one thread; a wait allocates nothing.
 *
 * <p>A descriptor must be removed before it is closed.
 */
public final class Epoll implements AutoCloseable {
    public static final int IN = 1;
    public static final int OUT = 4;
    public static final int ERR = 8;
    public static final int HUP = 16;

    private static final int CLOEXEC = 0x80000;
    private static final int CTL_ADD = 1;
    private static final int CTL_DEL = 2;
    private static final int CTL_MOD = 3;
    private static final int BATCH = 256;

    // sys/epoll.h packs struct epoll_event on x86-64 alone
    private static final boolean PACKED = System.getProperty("os.arch", "").equals("amd64");
    private static final int DATA_OFFSET = PACKED ? 4 : 8;
    private static final int EVENT_SIZE = DATA_OFFSET + 8;

    private final OffHeap change = new OffHeap(EVENT_SIZE);
    private final OffHeap ready = new OffHeap(EVENT_SIZE * BATCH);
    private int fd;

    private Epoll(int fd) {
        this.fd = fd;
    }

    public static Epoll open() throws NativeException {
        return new Epoll(LibC.check(LibC.CALLS.epoll_create1(CLOEXEC), "epoll_create1"));
    }

    /** @param token handed back by {@link #token} when the descriptor is ready */
    public void add(int watchedFd, int events, long token) throws NativeException {
        control(CTL_ADD, watchedFd, events, token, "add");
    }

    public void modify(int watchedFd, int events, long token) throws NativeException {
        control(CTL_MOD, watchedFd, events, token, "modify");
    }

    public void remove(int watchedFd) throws NativeException {
        control(CTL_DEL, watchedFd, 0, 0, "remove");
    }

    /**
     * Waits until a descriptor is ready or the time is over.
     *
     * @param timeoutNanos rounded up to milliseconds; 0 looks without waiting, below 0 waits for ever
     * @return the number of ready descriptors, at most 256; 0 after the timeout or a signal
     */
    public int await(long timeoutNanos) throws NativeException {
        int count = LibC.CALLS.epoll_wait(fd, ready.address, BATCH, millisRoundedUp(timeoutNanos));
        if (count < 0) {
            int errno = LibC.errno();
            if (errno == Errno.EINTR) {
                return 0;
            }
            throw new NativeException("epoll_wait", errno);
        }
        return count;
    }

    /** The token of the i-th ready descriptor of the last {@link #await}. */
    public long token(int i) {
        return ready.host.getLong(i * EVENT_SIZE + DATA_OFFSET);
    }

    /** The events of the i-th ready descriptor; {@link #ERR} and {@link #HUP} come unasked. */
    public int events(int i) {
        return ready.host.getInt(i * EVENT_SIZE);
    }

    @Override
    public void close() {
        if (fd >= 0) {
            LibC.CALLS.close(fd);
            fd = -1;
        }
    }

    private void control(int operation, int watchedFd, int events, long token, String name) throws NativeException {
        change.host.putInt(0, events).putLong(DATA_OFFSET, token);
        int result = LibC.CALLS.epoll_ctl(fd, operation, watchedFd, change.address);
        Reference.reachabilityFence(change);
        if (result < 0) {
            throw new NativeException("epoll " + name + " fd " + watchedFd, LibC.errno());
        }
    }

    static int millisRoundedUp(long nanos) {
        if (nanos < 0) {
            return -1;
        }
        long millis = nanos / 1_000_000 + (nanos % 1_000_000 == 0 ? 0 : 1);
        return (int) Math.min(millis, Integer.MAX_VALUE);
    }
}
