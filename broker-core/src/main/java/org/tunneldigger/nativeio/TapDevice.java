// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.nativeio;

import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;

/**
 * A TAP interface (linux/if_tun.h, IFF_TAP | IFF_NO_PI | IFF_VNET_HDR) that lives as long as this object is open. Non-blocking,
 * closed on exec, used by one thread at a time. It belongs to the network namespace of the thread that opened it.
 *
 * <p>Each frame has a {@link VirtioHeader} before it, as the kernel hands over TCP uncut and without checksums where it can, up to
 * 64 kB at once, and takes it so.
 */
public final class TapDevice implements AutoCloseable {
    private static final long TUNSETIFF = 0x400454CAL;
    private static final long TUNSETOFFLOAD = 0x400454D0L;
    private static final int IFF_TAP = 0x0002;
    private static final int IFF_NO_PI = 0x1000;
    private static final int IFF_VNET_HDR = 0x4000;
    private static final int IFF_TUN_EXCL = 0x8000;
    private static final int TUN_F_CSUM = 0x01;
    private static final int TUN_F_TSO4 = 0x02;
    private static final int TUN_F_TSO6 = 0x04;
    private static final int LONGEST_NAME = 15;
    private static final int IFREQ_SIZE = 40;
    private static final int IFREQ_FLAGS = 16;

    private int fd;

    private TapDevice(int fd) {
        this.fd = fd;
    }

    /**
     * Creates the interface, down, with the kernel's default MTU and a random address.
     *
     * @throws NativeException EBUSY if an interface of the name exists, EINVAL if the name cannot be one, ENOENT without
     *     /dev/net/tun, EPERM without CAP_NET_ADMIN
     */
    public static TapDevice open(String name) throws NativeException {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        // the kernel would fill in a number for %d, and choose a name itself where there is none
        if (bytes.length == 0 || bytes.length > LONGEST_NAME || name.indexOf('%') >= 0) {
            throw new NativeException("create TAP interface " + name, Errno.EINVAL);
        }
        int flags = LibC.O_RDWR | LibC.O_NONBLOCK | LibC.O_CLOEXEC;
        int fd = LibC.check(LibC.CALLS.open("/dev/net/tun", flags), "open /dev/net/tun");
        OffHeap request = new OffHeap(IFREQ_SIZE);
        request.host.put(0, bytes).putShort(IFREQ_FLAGS, (short) (IFF_TAP | IFF_NO_PI | IFF_VNET_HDR | IFF_TUN_EXCL));
        int result = LibC.CALLS.ioctl(fd, TUNSETIFF, request.address);
        Reference.reachabilityFence(request);
        if (result < 0) {
            int errno = LibC.errno();
            LibC.CALLS.close(fd);
            throw new NativeException("create TAP interface " + name, errno);
        }
        // A kernel that refuses cuts and sums up itself; it says so in each frame's header.
        LibC.CALLS.ioctl(fd, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6);
        return new TapDevice(fd);
    }

    /**
     * Reads one frame and the {@link VirtioHeader} before it to the memory; a longer frame is cut.
     *
     * @return the length of both, or a negative error number: {@code -Errno.EAGAIN} if there is none
     */
    public int read(OffHeap memory, int offset, int room) {
        long result = LibC.CALLS.read(fd, memory.address + offset, room);
        Reference.reachabilityFence(memory);
        return LibC.orNegativeErrno(result);
    }

    /**
     * Hands one frame to the kernel as received on the interface.
     *
     * @param frame a {@link VirtioHeader} and the frame
     * @return the length of both, or a negative error number: {@code -Errno.EIO} while the interface is down
     */
    public int write(IoVector frame) {
        long result = LibC.CALLS.writev(fd, frame.address(0), frame.count());
        Reference.reachabilityFence(frame);
        return LibC.orNegativeErrno(result);
    }

    /** The descriptor, for {@link Epoll}; −1 after close. */
    public int fd() {
        return fd;
    }

    /** Removes the interface. Idempotent. */
    @Override
    public void close() {
        if (fd >= 0) {
            LibC.CALLS.close(fd);
            fd = -1;
        }
    }
}
