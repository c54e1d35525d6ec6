// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.nativeio;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.tunneldigger.protocol.Endpoint;

/**
 * A UDP socket, non-blocking and closed on exec. Used by one thread at a time. Setting it up throws {@link NativeException}; receiving and
 * sending return negative error numbers instead and allocate nothing but the endpoints asked for.
 */
public final class UdpSocket implements AutoCloseable {
    static final int IPPROTO_IP = 0;
    static final int IPPROTO_IPV6 = 41;
    static final int IP_PKTINFO = 8;
    static final int IPV6_PKTINFO = 50;
    static final int IPPROTO_UDP = 17;
    static final int UDP_SEGMENT = 103;
    static final int UDP_GRO = 104;

    /** Datagrams that one {@link #sendTrain} may hold (UDP_MAX_SEGMENTS of linux/udp.h; newer kernels take more). */
    public static final int LONGEST_TRAIN = 64;

    /** Bytes that one {@link #sendTrain} may hold: with the longest headers still a packet in the kernel's eyes. */
    public static final int TRAIN_BYTES = 65_400;

    private static final int SOL_SOCKET = 1;
    private static final int SO_RCVBUF = 8;
    private static final int SO_REUSEPORT = 15;
    private static final int SO_BINDTODEVICE = 25;
    private static final int SO_RCVBUFFORCE = 33;
    private static final int SO_ATTACH_REUSEPORT_CBPF = 51;
    private static final int IP_MTU_DISCOVER = 10;
    private static final int IPV6_MTU_DISCOVER = 23;
    private static final int PMTUDISC_PROBE = 3;
    private static final int IPV6_V6ONLY = 26;
    private static final int IPV6_RECVPKTINFO = 49;
    private static final int BPF_RETURN_CONSTANT = 0x06;
    private static final int LONGEST_INTERFACE_NAME = 15;

    /** Of a thread, not of a socket: thousands of them would hold as many. Nothing stays in them between two calls. */
    private static final ThreadLocal<OffHeap> SCRATCH = ThreadLocal.withInitial(() -> new OffHeap(64));

    private static final ThreadLocal<OutgoingMessage> OUTGOING = ThreadLocal.withInitial(OutgoingMessage::new);

    private final boolean v6;
    private int fd;
    private Endpoint local;

    private UdpSocket(int fd, boolean v6) {
        this.fd = fd;
        this.v6 = v6;
        this.local = v6 ? Endpoint.v6(0, 0, 0, 0) : Endpoint.v4(0, 0);
    }

    public static UdpSocket open(boolean v6) throws NativeException {
        int type = LibC.SOCK_DGRAM | LibC.SOCK_NONBLOCK | LibC.SOCK_CLOEXEC;
        int fd = LibC.CALLS.socket(v6 ? LibC.AF_INET6 : LibC.AF_INET, type, 0);
        return new UdpSocket(LibC.check(fd, "socket"), v6);
    }

    /** Lets other sockets of the same user have the same address and port. Before {@link #bind}. */
    public void reusePort() throws NativeException {
        option(SOL_SOCKET, SO_REUSEPORT, 1, "SO_REUSEPORT");
    }

    /** Keeps a {@code ::} socket off IPv4, so that an IPv4 socket can have the same port. Before {@link #bind}. */
    public void v6Only() throws NativeException {
        option(IPPROTO_IPV6, IPV6_V6ONLY, 1, "IPV6_V6ONLY");
    }

    /** Restricts the socket to one interface; ENODEV if there is none of the name. */
    public void bindToDevice(String interfaceName) throws NativeException {
        OffHeap scratch = SCRATCH.get();
        byte[] name = interfaceName.getBytes(StandardCharsets.UTF_8);
        if (name.length > LONGEST_INTERFACE_NAME) {
            throw new NativeException("SO_BINDTODEVICE " + interfaceName, Errno.ENODEV);
        }
        scratch.host.put(0, name);
        int result = LibC.CALLS.setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, scratch.address, name.length);
        Reference.reachabilityFence(scratch);
        LibC.check(result, "SO_BINDTODEVICE " + interfaceName);
    }

    /**
     * Sends every packet with "don't fragment" and of any size the interface takes, whatever the kernel believes of the path's MTU
     * (IP_PMTUDISC_PROBE, ip(7)): for probing that MTU.
     */
    public void probeMtu() throws NativeException {
        if (v6) {
            option(IPPROTO_IPV6, IPV6_MTU_DISCOVER, PMTUDISC_PROBE, "IPV6_MTU_DISCOVER");
        } else {
            option(IPPROTO_IP, IP_MTU_DISCOVER, PMTUDISC_PROBE, "IP_MTU_DISCOVER");
        }
    }

    /** Makes {@link Datagram#local} tell the address that was asked. */
    public void packetInfo() throws NativeException {
        if (v6) {
            option(IPPROTO_IPV6, IPV6_RECVPKTINFO, 1, "IPV6_RECVPKTINFO");
        } else {
            option(IPPROTO_IP, IP_PKTINFO, 1, "IP_PKTINFO");
        }
    }

    /**
     * Among unconnected sockets on one address and port the first bound one gets every packet (SO_ATTACH_REUSEPORT_CBPF with
     * "return 0", socket(7)). Called on the listener after {@link #reusePort}, it keeps strangers' packets away from a session's
     * socket between that one's bind and connect. The program belongs to the group, not to this socket.
     */
    public void pickFirstOfGroup() throws NativeException {
        OffHeap scratch = SCRATCH.get();
        int filter = 16;
        // struct sock_fprog { u16 length; pointer }, then one struct sock_filter { u16 code; u8 jt, jf; u32 k }
        scratch.host
                .putLong(0, 0)
                .putShort(0, (short) 1)
                .putLong(8, scratch.address + filter)
                .putLong(filter, 0)
                .putShort(filter, (short) BPF_RETURN_CONSTANT);
        int result = LibC.CALLS.setsockopt(fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, scratch.address, filter);
        Reference.reachabilityFence(scratch);
        LibC.check(result, "SO_ATTACH_REUSEPORT_CBPF");
    }

    /** Asks for a receive buffer of this many bytes, beyond the system's limit where privileges allow. */
    public void receiveBuffer(int bytes) throws NativeException {
        try {
            option(SOL_SOCKET, SO_RCVBUFFORCE, bytes, "SO_RCVBUFFORCE");
        } catch (NativeException e) {
            if (e.errno() != Errno.EPERM) {
                throw e;
            }
            option(SOL_SOCKET, SO_RCVBUF, bytes, "SO_RCVBUF");
        }
    }

    /**
     * Lets {@link #receive} return several datagrams at once, which came one after the other and are equally long, but for the last
     * (UDP_GRO, udp(7)); see {@link Datagram#pieceLength}.
     *
     * @return false if the kernel is older than 5.0: it hands them over one by one, and may not know {@link #sendTrain} either
     */
    public boolean receiveTrains() throws NativeException {
        try {
            option(IPPROTO_UDP, UDP_GRO, 1, "UDP_GRO");
            return true;
        } catch (NativeException e) {
            if (e.errno() != Errno.ENOPROTOOPT) {
                throw e;
            }
            return false;
        }
    }

    public void bind(Endpoint endpoint) throws NativeException {
        OffHeap scratch = SCRATCH.get();
        int length = SocketAddress.put(scratch, 0, endpoint);
        int result = LibC.CALLS.bind(fd, scratch.address, length);
        Reference.reachabilityFence(scratch);
        if (result < 0) { // the text costs more than the call
            throw new NativeException("bind " + endpoint, LibC.errno());
        }
        local = readLocal();
    }

    /** Its exception does not name the endpoint: it may be a client's, and those are not for every log. */
    public void connect(Endpoint endpoint) throws NativeException {
        OffHeap scratch = SCRATCH.get();
        int length = SocketAddress.put(scratch, 0, endpoint);
        int result = LibC.CALLS.connect(fd, scratch.address, length);
        Reference.reachabilityFence(scratch);
        LibC.check(result, "connect");
        local = readLocal();
    }

    /** The address and port that the socket had after its last {@link #bind} or {@link #connect}. */
    public Endpoint localEndpoint() {
        return local;
    }

    /** The descriptor, for {@link Epoll} and the kernel; −1 after close. */
    public int fd() {
        return fd;
    }

    /**
     * Takes the next datagram.
     *
     * @return its length (at most {@link Datagram#CAPACITY}), or a negative error number: {@code -Errno.EAGAIN} if there is none,
     *     an earlier send's error on a connected socket
     */
    public int receive(Datagram into) {
        int result = into.receiveFrom(fd, local);
        Reference.reachabilityFence(into);
        return result;
    }

    /**
     * Takes datagrams that have come, as many as there are and fit, by one call.
     *
     * @return how many, or a negative error number as {@link #receive(Datagram)} has it
     */
    public int receive(DatagramBatch into) {
        return into.receiveFrom(fd, local);
    }

    /**
     * Sends to the connected peer.
     *
     * @param payload direct; the bytes from position to limit, neither is changed
     * @return the number of bytes, or a negative error number
     */
    public int send(ByteBuffer payload) {
        long address = LibC.address(payload) + payload.position();
        long sent = LibC.CALLS.send(fd, address, payload.remaining(), 0);
        Reference.reachabilityFence(payload);
        return LibC.orNegativeErrno(sent);
    }

    /**
     * Sends pieces of memory to the connected peer, as one datagram.
     *
     * @param from the first piece
     * @param to the piece after the last
     * @return the number of bytes, or a negative error number
     */
    public int send(IoVector pieces, int from, int to) {
        return OUTGOING.get().send(fd, pieces, from, to, 0);
    }

    /**
     * Sends all pieces to the connected peer, as many datagrams of one length, the last one may be shorter, by one call (UDP_SEGMENT,
     * udp(7)).
     *
     * @param datagramLength above 0; at most {@link #LONGEST_TRAIN} datagrams and {@link #TRAIN_BYTES}
     * @return the number of bytes, or a negative error number: {@code -Errno.EINVAL}, {@code EIO} or {@code EMSGSIZE} for instance
     *     where the kernel or the device cannot, or a datagram is too long for the way
     */
    public int sendTrain(IoVector pieces, int datagramLength) {
        return OUTGOING.get().send(fd, pieces, 0, pieces.count(), datagramLength);
    }

    /**
     * Sends to any endpoint.
     *
     * @param payload direct; the bytes from position to limit, neither is changed
     * @param from the source address (its port is the socket's, its own is not looked at); null leaves the choice to the kernel
     * @return the number of bytes, or a negative error number
     */
    public int sendTo(ByteBuffer payload, Endpoint to, @Nullable Endpoint from) {
        int sent = OUTGOING.get().send(fd, payload, to, from);
        Reference.reachabilityFence(payload);
        return sent;
    }

    /**
     * Sends what was added to a batch, by one call; the batch stays as it is.
     *
     * @param first the first message to send; those before it are left out
     * @return how many were sent, one at least: less than there are if a later one failed; or a negative error number if the
     *     first failed
     */
    public int send(OutgoingBatch batch, int first) {
        return batch.send(fd, first, batch.size() - first);
    }

    /** The same with a number of messages, at most those that were added from {@code first} on. */
    public int send(OutgoingBatch batch, int first, int count) {
        return batch.send(fd, first, count);
    }

    /** Idempotent. */
    @Override
    public void close() {
        if (fd >= 0) {
            LibC.CALLS.close(fd);
            fd = -1;
        }
    }

    private void option(int level, int option, int value, String name) throws NativeException {
        OffHeap scratch = SCRATCH.get();
        scratch.host.putInt(0, value);
        int result = LibC.CALLS.setsockopt(fd, level, option, scratch.address, Integer.BYTES);
        Reference.reachabilityFence(scratch);
        LibC.check(result, name);
    }

    private Endpoint readLocal() throws NativeException {
        OffHeap scratch = SCRATCH.get();
        int lengthAt = 32;
        scratch.host.putInt(lengthAt, SocketAddress.MAX_SIZE);
        int result = LibC.CALLS.getsockname(fd, scratch.address, scratch.address + lengthAt);
        LibC.check(result, "getsockname");
        return SocketAddress.get(scratch, 0);
    }
}
