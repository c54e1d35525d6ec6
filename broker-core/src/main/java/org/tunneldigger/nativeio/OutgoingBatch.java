// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.nativeio;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.tunneldigger.protocol.Endpoint;

/**
 * Datagrams that leave one socket by one call (sendmmsg(2)): write the payload into {@link #next}, {@link #add} it, and when there
 * are enough, {@link UdpSocket#send(OutgoingBatch, int)} and {@link #clear}. Used by one thread.
 */
public final class OutgoingBatch {
    private final OutgoingMessage[] messages;
    private final ByteBuffer[] payloads;
    private final OffHeap vector;
    private final OffHeap memory;
    private final int longestPayload;
    private int size;

    /**
     * @param capacity datagrams at a time, 1…1024
     * @param longestPayload bytes that each may have
     */
    public OutgoingBatch(int capacity, int longestPayload) {
        this.longestPayload = longestPayload;
        messages = new OutgoingMessage[capacity];
        payloads = new ByteBuffer[capacity];
        vector = new OffHeap(capacity * DatagramBatch.MESSAGE_SIZE);
        memory = new OffHeap(capacity * longestPayload);
        for (int i = 0; i < capacity; i++) {
            messages[i] = new OutgoingMessage();
            payloads[i] = memory.network.slice(i * longestPayload, longestPayload);
        }
    }

    public boolean isFull() {
        return size == messages.length;
    }

    public int size() {
        return size;
    }

    public void clear() {
        size = 0;
    }

    /** The payload of the datagram that is added next; in network order. Not when {@link #isFull}. */
    public ByteBuffer next() {
        return payloads[size];
    }

    /**
     * Adds a datagram: the bytes 0…limit of {@link #next}.
     *
     * @param to null on a connected socket
     * @param from the source address (its port is not looked at); null leaves the choice to the kernel
     */
    public void add(@Nullable Endpoint to, @Nullable Endpoint from) {
        long payload = memory.address + (long) size * longestPayload;
        messages[size].put(vector, size * DatagramBatch.MESSAGE_SIZE, payload, payloads[size].limit(), to, from);
        size++;
    }

    int send(int fd, int first, int count) {
        long address = vector.address + (long) first * DatagramBatch.MESSAGE_SIZE;
        int sent = LibC.orNegativeErrno(LibC.CALLS.sendmmsg(fd, address, count, 0));
        Reference.reachabilityFence(this);
        return sent;
    }
}
