// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.nativeio;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A raw netlink socket (netlink(7)): datagrams to the kernel and back, uninterpreted. Bound to a port of the kernel's choice,
 * with extended acknowledgements and strict checking of dump requests switched on. Used by one thread.
 */
public final class NetlinkChannel implements AutoCloseable {
    /** Links, addresses, rules, traffic control. */
    public static final int ROUTE = 0;
    /** Families that register by name. */
    public static final int GENERIC = 16;

    private static final int SOL_NETLINK = 270;
    private static final int NETLINK_CAP_ACK = 10;
    private static final int NETLINK_EXT_ACK = 11;
    private static final int NETLINK_GET_STRICT_CHK = 12;
    private static final int SOCKADDR_SIZE = 12;
    private static final int POLLIN = 1;
    private static final long SIOCGIFFLAGS = 0x8913;
    private static final long SIOCSIFMTU = 0x8922;
    private static final long SIOCGIFINDEX = 0x8933;
    private static final int IFREQ_SIZE = 40;
    private static final int IFREQ_DATA = 16;
    private static final int MSG_TRUNC = 0x20;

    private final OffHeap scratch = new OffHeap(32);
    private final OffHeap interfaceRequest = new OffHeap(IFREQ_SIZE);
    private int fd;

    private NetlinkChannel(int fd) {
        this.fd = fd;
    }

    /**
     * @param protocol {@link #ROUTE} or {@link #GENERIC}; the socket belongs to the calling thread's network namespace
     */
    public static NetlinkChannel open(int protocol) throws NativeException {
        int type = LibC.SOCK_RAW | LibC.SOCK_NONBLOCK | LibC.SOCK_CLOEXEC;
        int fd = LibC.check(LibC.CALLS.socket(LibC.AF_NETLINK, type, protocol), "netlink socket");
        NetlinkChannel channel = new NetlinkChannel(fd);
        try {
            channel.setUp();
        } catch (NativeException e) {
            channel.close();
            throw e;
        }
        return channel;
    }

    /**
     * Sends the bytes from position to limit of a direct buffer as one datagram.
     *
     * @return the number of bytes, or a negative error number
     */
    public int send(ByteBuffer messages) {
        long result = LibC.CALLS.send(fd, LibC.address(messages) + messages.position(), messages.remaining(), 0);
        Reference.reachabilityFence(messages);
        return LibC.orNegativeErrno(result);
    }

    /**
     * Receives one datagram into a direct buffer from index 0; sets position 0 and the limit.
     *
     * @return the datagram's whole length, more than the buffer's capacity if it was cut; or a negative error number,
     *     {@code -Errno.EAGAIN} if there is none
     */
    public int receive(ByteBuffer into) {
        long result = LibC.CALLS.recv(fd, LibC.address(into), into.capacity(), MSG_TRUNC);
        Reference.reachabilityFence(into);
        into.position(0).limit((int) Math.max(0, Math.min(result, into.capacity())));
        return LibC.orNegativeErrno(result);
    }

    /**
     * The index of an interface in the socket's namespace, without the lock that netlink requests wait for; 0 if there is none of the
     * name, at the price that {@link Interfaces#indexOf} tells.
     *
     * @param name there is none of more than 15 bytes
     */
    public int interfaceIndex(String name) {
        return interfaceRequest(SIOCGIFINDEX, name, 0) < 0 ? 0 : interfaceRequest.host.getInt(IFREQ_DATA);
    }

    /** An interface's flags (IFF_UP is 1), or 0, in the same way. */
    public int interfaceFlags(String name) {
        return interfaceRequest(SIOCGIFFLAGS, name, 0) < 0 ? 0 : interfaceRequest.host.getShort(IFREQ_DATA) & 0xFFFF;
    }

    /**
     * Sets an interface's MTU, with less ado than a netlink request; the kernel's lock is waited for as by one.
     *
     * @return 0, or a negative error number: {@code -Errno.ENODEV} also for a name of more than 15 bytes
     */
    public int setInterfaceMtu(String name, int mtu) {
        return interfaceRequest(SIOCSIFMTU, name, mtu);
    }

    private int interfaceRequest(long request, String name, int value) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        if (bytes.length >= IFREQ_DATA) {
            return -Errno.ENODEV; // the kernel would look for its beginning
        }
        // struct ifreq (net/if.h): the name, ended by 0, then what is given or answered
        interfaceRequest.host.putLong(0, 0).putLong(8, 0).put(0, bytes).putInt(IFREQ_DATA, value);
        int result = LibC.CALLS.ioctl(fd, request, interfaceRequest.address);
        Reference.reachabilityFence(interfaceRequest);
        return LibC.orNegativeErrno(result);
    }

    /**
     * Waits for a datagram.
     *
     * @param timeoutNanos rounded up to milliseconds
     * @return whether there is something to receive (an error perhaps); false after the timeout or a signal
     */
    public boolean await(long timeoutNanos) throws NativeException {
        // struct pollfd { int fd; short events, revents }
        scratch.host.putInt(0, fd).putInt(4, 0).putShort(4, (short) POLLIN);
        int result = LibC.CALLS.poll(scratch.address, 1, Epoll.millisRoundedUp(Math.max(0, timeoutNanos)));
        Reference.reachabilityFence(scratch);
        if (result < 0 && LibC.errno() != Errno.EINTR) {
            throw new NativeException("poll", LibC.errno());
        }
        return result > 0;
    }

    /** Idempotent. */
    @Override
    public void close() {
        if (fd >= 0) {
            LibC.CALLS.close(fd);
            fd = -1;
        }
    }

    private void setUp() throws NativeException {
        option(NETLINK_CAP_ACK, "NETLINK_CAP_ACK");
        option(NETLINK_EXT_ACK, "NETLINK_EXT_ACK");
        option(NETLINK_GET_STRICT_CHK, "NETLINK_GET_STRICT_CHK");
        scratch.host.putLong(0, 0).putInt(8, 0).putShort(0, (short) LibC.AF_NETLINK);
        int result = LibC.CALLS.bind(fd, scratch.address, SOCKADDR_SIZE);
        Reference.reachabilityFence(scratch);
        LibC.check(result, "netlink bind");
    }

    private void option(int option, String name) throws NativeException {
        scratch.host.putInt(0, 1);
        int result = LibC.CALLS.setsockopt(fd, SOL_NETLINK, option, scratch.address, Integer.BYTES);
        Reference.reachabilityFence(scratch);
        LibC.check(result, name);
    }
}
