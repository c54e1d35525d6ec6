// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.datapath;

import org.tunneldigger.nativeio.NativeException;
import org.tunneldigger.nativeio.OffHeap;

/** An open tunnel's network interface. All methods are called by one thread, that of the datapath's other methods. */
public interface TunnelInterface extends AutoCloseable {
    /** From {@link #onReadable}: somebody else deleted the interface, its descriptor must be watched no longer. */
    int GONE = -1;

    String name();

    /** The interface's index. */
    int index();

    void setMtu(int mtu) throws NativeException;

    /**
     * Shapes what the interface sends towards the client: htb with one class at the rate, fq_codel in it. Replaces the limit
     * before it.
     *
     * @param kbitPerSecond 1000 bits a second each, above 0
     */
    void limitBandwidth(long kbitPerSecond) throws NativeException;

    /**
     * Drops what comes from the client above a rate. Replaces the limit before.
     *
     * @param bytesPerSecond of whole frames, 1…2^40
     * @throws NativeException ENOENT if the kernel lacks sch_ingress, cls_matchall or act_police
     */
    void limitUpstream(long bytesPerSecond) throws NativeException;

    /** The descriptor to watch for {@link #onReadable}; −1 if there is none. */
    int readableFd();

    /**
     * Carries frames from the interface to the socket: at most one batch, so that one tunnel cannot starve the others. What is
     * left keeps {@link #readableFd} readable. Never throws.
     *
     * @return how often the socket reported that the peer refused a packet (ECONNREFUSED; no other error), which counts as the
     *     session's socket error; or {@link #GONE}
     */
    int onReadable();

    /**
     * Takes an L2TP data packet that came on the tunnel's socket. Never throws, whatever it holds; what is not a data packet of
     * this session is counted and dropped.
     *
     * @param memory where it lies; its bytes may be changed, and are used until {@link #flush}
     */
    void deliver(OffHeap memory, int offset, int length);

    /** Hands over what was delivered and held back to be joined with what follows: after the last packet of what came together. */
    void flush();

    /** Removes the interface, now or a moment later; it carries nothing from now on. Idempotent, never throws. */
    @Override
    void close();
}
