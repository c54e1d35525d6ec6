// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.nativeio;

import com.kenai.jffi.MemoryIO;
import java.nio.ByteBuffer;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Runtime;

/** The C library's functions, and what is needed to call them: addresses of buffers and {@code errno}. */
final class LibC {
    static final Calls CALLS = LibraryLoader.create(Calls.class).load("c");

    static final int AF_INET = 2;
    static final int AF_INET6 = 10;
    static final int AF_NETLINK = 16;
    static final int SOCK_DGRAM = 2;
    static final int SOCK_RAW = 3;
    static final int SOCK_NONBLOCK = 0x800;
    static final int SOCK_CLOEXEC = 0x80000;
    static final int O_RDONLY = 0;
    static final int O_RDWR = 2;
    static final int O_NONBLOCK = 0x800;
    static final int O_CLOEXEC = 0x80000;

    private static final Runtime RUNTIME = Runtime.getRuntime(CALLS);
    private static final MemoryIO MEMORY = MemoryIO.getInstance();

    private LibC() {}

    /**
     * Addresses are longs, so that a call allocates nothing. No function here may have exactly six arguments that are all
     * primitive: the library's x86-64 stubs pass garbage as the sixth (a test holds this). The interface is public because the
     * stubs are generated in another class loader.
     */
    public interface Calls {
        int open(String path, int flags);

        int close(int fd);

        long read(int fd, long address, long length);

        long write(int fd, long address, long length);

        long writev(int fd, long vector, int count);

        int ioctl(int fd, long request, long address);

        int socket(int domain, int type, int protocol);

        int setsockopt(int fd, int level, int option, long value, int length);

        int bind(int fd, long address, int length);

        int connect(int fd, long address, int length);

        int getsockname(int fd, long address, long lengthAddress);

        long recvmsg(int fd, long message, int flags);

        long sendmsg(int fd, long message, int flags);

        int recvmmsg(int fd, long messages, int count, int flags, long timeout);

        int sendmmsg(int fd, long messages, int count, int flags);

        long recv(int fd, long address, long length, int flags);

        long send(int fd, long address, long length, int flags);

        int poll(long pollFds, long count, int timeoutMillis);

        int epoll_create1(int flags);

        int epoll_ctl(int epollFd, int operation, int fd, long event);

        int epoll_wait(int epollFd, long events, int maxEvents, int timeoutMillis);

        int eventfd(int initial, int flags);

        int setns(int fd, int type);

        int if_nametoindex(String name);

        long if_indextoname(int index, long name);

        String strerror(int errno);
    }

    /** The calling thread's {@code errno} after its last call. */
    static int errno() {
        return RUNTIME.getLastError();
    }

    /** The result itself, or the negative {@code errno}. */
    static int orNegativeErrno(long result) {
        return result >= 0 ? (int) result : -errno();
    }

    /** @throws NativeException if the call returned a negative result */
    static int check(int result, String operation) throws NativeException {
        if (result < 0) {
            throw new NativeException(operation, errno());
        }
        return result;
    }

    /**
     * Address of a direct buffer's first byte (its position not counted). It is valid while the buffer is reachable: the caller
     * fences.
     */
    static long address(ByteBuffer direct) {
        return MEMORY.getDirectBufferAddress(direct);
    }
}
