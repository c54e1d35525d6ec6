// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.tunneldigger.nativeio.Errno;
import org.tunneldigger.nativeio.NativeException;
import org.tunneldigger.nativeio.NetlinkChannel;

/** Requests to the kernel and their answers. Waits at most {@value #PATIENCE_SECONDS} seconds for an answer. One thread. */
final class NetlinkSocket implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 5;
    private static final long PATIENCE_NANOS = PATIENCE_SECONDS * 1_000_000_000L;
    // the kernel queues its answers on the socket before the send returns: all refusals must fit its receive buffer
    private static final int LARGEST_BATCH = 32;
    private static final int DUMP_TRIES = 10;
    private static final int RECEIVE_SIZE = 64 * 1024;

    private final NetlinkChannel channel;
    private final ByteBuffer sending = direct(LARGEST_BATCH * NetlinkMessage.MAX_SIZE);
    private final ByteBuffer receiving = direct(RECEIVE_SIZE);
    private int lastSequence;

    private NetlinkSocket(NetlinkChannel channel) {
        this.channel = channel;
    }

    /** @param protocol {@link NetlinkChannel#ROUTE} or {@link NetlinkChannel#GENERIC} */
    static NetlinkSocket open(int protocol) throws NativeException {
        return new NetlinkSocket(NetlinkChannel.open(protocol));
    }

    /**
     * Sends all requests at once. The kernel carries out each of them in order, also those after one that failed.
     *
     * @throws NetlinkException the first failure of a request that is not {@link NetlinkMessage#dispensable}
     */
    void execute(NetlinkMessage... requests) throws NativeException {
        if (requests.length > LARGEST_BATCH) {
            throw new IllegalArgumentException(requests.length + " requests in a batch");
        }
        int first = send(NetlinkMessage.ACK, requests);
        collect(first, requests, false, reply -> {});
    }

    /**
     * Sends requests as one transaction of netfilter's: the kernel carries out all of them or none.
     *
     * @param begin its operation is that of the whole
     * @throws NetlinkException the first failure
     */
    void transact(NetlinkMessage begin, List<NetlinkMessage> requests, NetlinkMessage end) throws NativeException {
        if (requests.size() + 2 > LARGEST_BATCH) {
            throw new IllegalArgumentException(requests.size() + " requests in a transaction");
        }
        int first = lastSequence + 1;
        sending.clear();
        begin.writeTo(sending, NetlinkMessage.REQUEST, ++lastSequence);
        write(NetlinkMessage.ACK, requests);
        end.writeTo(sending, NetlinkMessage.REQUEST, ++lastSequence);
        send(begin.operation());
        List<NetlinkMessage> answered = new ArrayList<>(requests);
        answered.add(0, begin);
        collect(first, answered.toArray(NetlinkMessage[]::new), true, reply -> {});
    }

    /**
     * Asks for one object.
     *
     * @param parser called inside, as the reply is valid no longer
     */
    <T> T get(NetlinkMessage request, Function<NetlinkReply, T> parser) throws NativeException {
        List<T> found = new ArrayList<>(1);
        int first = send(NetlinkMessage.ACK, request);
        collect(first, new NetlinkMessage[] {request}, false, reply -> found.add(parser.apply(reply)));
        if (found.isEmpty()) {
            throw new NetlinkException(request.operation(), Errno.ENODATA, "");
        }
        return found.get(0);
    }

    /**
     * Asks for all objects. A dump that a change interrupted is begun again.
     *
     * @param parser called inside; null leaves an object out
     */
    <T> List<T> dump(NetlinkMessage request, Function<NetlinkReply, @Nullable T> parser) throws NativeException {
        List<T> found = new ArrayList<>();
        for (int i = 0; i < DUMP_TRIES; i++) {
            found.clear();
            int first = send(NetlinkMessage.DUMP, request);
            boolean whole = collect(first, new NetlinkMessage[] {request}, false, reply -> {
                T object = parser.apply(reply);
                if (object != null) {
                    found.add(object);
                }
            });
            if (whole) {
                return found;
            }
        }
        throw new NetlinkException(request.operation(), Errno.EAGAIN, "interrupted " + DUMP_TRIES + " times");
    }

    /** The index of an interface, 0 if there is none of the name. */
    int interfaceIndex(String name) {
        return channel.interfaceIndex(name);
    }

    /** The flags of an interface, 0 if there is none of the name. */
    int interfaceFlags(String name) {
        return channel.interfaceFlags(name);
    }

    /** Sets the MTU of the interface of this name. */
    void setInterfaceMtu(String name, int mtu) throws NetlinkException {
        int result = channel.setInterfaceMtu(name, mtu);
        if (result < 0) {
            throw new NetlinkException("set MTU of " + name + " to " + mtu, -result, "");
        }
    }

    @Override
    public void close() {
        channel.close();
    }

    /** Returns the sequence number of the first request. */
    private int send(int flags, NetlinkMessage... requests) throws NativeException {
        int first = lastSequence + 1;
        sending.clear();
        write(flags, List.of(requests));
        send(requests[0].operation());
        return first;
    }

    /** @param flags of the last one: those before it are answered only if they fail */
    private void write(int flags, List<NetlinkMessage> requests) {
        int left = requests.size();
        for (NetlinkMessage request : requests) {
            left--;
            request.writeTo(sending, NetlinkMessage.REQUEST | (left == 0 ? flags : 0), ++lastSequence);
        }
    }

    private void send(String operation) throws NetlinkException {
        sending.flip();
        int sent = channel.send(sending);
        if (sent < 0) {
            throw new NetlinkException(operation, -sent, "");
        }
    }

    /**
     * Receives until the last request has its ERROR (which tells success as well) or DONE. The kernel answers in the order of the
     * requests, those before the last only if they failed.
     *
     * @param transaction whether a failure of the first is that of all, and the only answer
     * @return false if a dump was interrupted
     */
    private boolean collect(int first, NetlinkMessage[] requests, boolean transaction, ReplyHandler handler)
            throws NativeException {
        long deadlineNanos = System.nanoTime() + PATIENCE_NANOS;
        String operation = requests[0].operation();
        NetlinkException failure = null;
        boolean whole = true;
        boolean open = true;
        while (open) {
            int length = receive(operation, deadlineNanos);
            for (int at = 0; at + NetlinkMessage.HEADER_SIZE <= length; ) {
                NetlinkReply reply = replyAt(at, length, operation);
                at += (reply.size() + 3) & ~3;
                int index = reply.sequence() - first;
                if (index < 0 || index >= requests.length) {
                    continue; // the late answer to a request that was given up
                }
                whole &= !reply.isOfInterruptedDump();
                if (!reply.isLast()) {
                    handler.handle(reply);
                    continue;
                }
                if (index == requests.length - 1 || (transaction && index == 0)) {
                    open = false;
                }
                if (reply.errno() != 0 && failure == null && !requests[index].isDispensable()) {
                    failure = new NetlinkException(requests[index].operation(), reply.errno(), reply.errorText());
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
        return whole;
    }

    private NetlinkReply replyAt(int at, int end, String operation) throws NetlinkException {
        int size = receiving.getInt(at);
        if (size < NetlinkMessage.HEADER_SIZE || at + size > end) {
            throw new NetlinkException(operation, Errno.EIO, "malformed answer");
        }
        return new NetlinkReply(receiving, at, at + size);
    }

    private int receive(String operation, long deadlineNanos) throws NativeException {
        while (true) {
            int length = channel.receive(receiving);
            if (length > receiving.capacity()) {
                throw new NetlinkException(operation, Errno.EMSGSIZE, "answer of " + length + " bytes");
            }
            if (length >= 0) {
                return length;
            }
            if (length != -Errno.EAGAIN && length != -Errno.EINTR) {
                throw new NetlinkException(operation, -length, "");
            }
            long leftNanos = deadlineNanos - System.nanoTime();
            if (leftNanos <= 0) {
                throw new NetlinkException(operation, Errno.ETIMEDOUT, "");
            }
            channel.await(leftNanos);
        }
    }

    private static ByteBuffer direct(int size) {
        return ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder());
    }

    private interface ReplyHandler {
        void handle(NetlinkReply reply);
    }
}
