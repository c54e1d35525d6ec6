// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.netlink;

import org.tunneldigger.nativeio.Errno;
import org.tunneldigger.nativeio.NativeException;

/** Queueing disciplines: the part of {@code tc} that limits an interface's rate (linux/pkt_sched.h). One thread. */
public final class TrafficControl {
    static final int RTM_NEWQDISC = 36;
    static final int RTM_DELQDISC = 37;
    private static final int RTM_NEWTCLASS = 40;
    static final int TCA_KIND = 1;
    static final int TCA_OPTIONS = 2;
    private static final int TCA_HTB_PARMS = 1;
    private static final int TCA_HTB_INIT = 2;
    private static final int TCA_HTB_RATE64 = 6;
    private static final int TCA_HTB_CEIL64 = 7;
    static final int LINKLAYER_ETHERNET = 1;
    private static final int HTB_VERSION = 3;
    private static final int ROOT = 0xFFFF_FFFF;
    private static final int QDISC = 0x1_0000;
    private static final int CLASS = 0x1_0001;
    private static final int CREATE_OR_REPLACE = NetlinkMessage.CREATE | NetlinkMessage.REPLACE;

    static final long MAX_RATE_32 = 0xFFFF_FFFFL;
    private static final int BYTES_PER_SECOND_PER_KBIT = 125;
    static final long NANOS_PER_SECOND = 1_000_000_000L;
    static final int NANOS_PER_TICK = 64;
    // two full frames at least, else the rate is missed; 4 ms at higher rates, for timers that come late
    private static final int LEAST_BURST_BYTES = 2 * 1518;
    private static final int BURSTS_PER_SECOND = 250;
    // set, so that the kernel does not derive one from the rate and warn about it; one leaf alone needs no share
    private static final int QUANTUM_BYTES = 2 * 1518;
    private static final int RATE_TO_QUANTUM = 10;
    // 100 ms, ten full frames at least
    private static final int QUEUES_PER_SECOND = 10;
    private static final long LEAST_QUEUE_BYTES = 10 * 1518;
    private static final long MOST_QUEUE_BYTES = 1 << 28;

    private final NetlinkSocket socket;

    TrafficControl(NetlinkSocket socket) {
        this.socket = socket;
    }

    /**
     * Limits what a link sends: htb as root {@code 1:} with class {@code 1:1} as default, rate and ceiling equal, fq_codel in it,
     * or a fifo of 100 ms on kernels that have no fq_codel. A limit set before is changed in place and loses no packet; any other root discipline is replaced.
     *
     * @param kbitPerSecond 1000 bits a second each, 1…2³²−1
     */
    public void limitBandwidth(int linkIndex, long kbitPerSecond) throws NativeException {
        if (kbitPerSecond <= 0 || kbitPerSecond > MAX_RATE_32) {
            throw new IllegalArgumentException("limit of " + kbitPerSecond + " kbit/s");
        }
        limitBytes(linkIndex, kbitPerSecond * BYTES_PER_SECOND_PER_KBIT);
    }

    /**
     * As {@link #limitBandwidth}, to the byte.
     *
     * @param bytesPerSecond 1…2³²·125
     */
    public void limitBytes(int linkIndex, long bytesPerSecond) throws NativeException {
        if (bytesPerSecond <= 0 || bytesPerSecond > MAX_RATE_32 * BYTES_PER_SECOND_PER_KBIT) {
            throw new IllegalArgumentException("limit of " + bytesPerSecond + " bytes/s");
        }
        setClass(linkIndex, bytesPerSecond);
        try {
            setLeaf(linkIndex, bytesPerSecond);
        } catch (NetlinkException e) {
            removeLimit(linkIndex);
            throw e;
        }
    }

    /** Takes back what {@link #limitBandwidth} set; any other root discipline stays. */
    public void removeLimits(int linkIndex) throws NativeException {
        try {
            socket.execute(message("remove htb", RTM_DELQDISC, 0, linkIndex, QDISC, ROOT)
                    .attribute(TCA_KIND, "htb"));
        } catch (NetlinkException e) {
            // no root discipline, or none of this handle and kind
            if (e.errno() != Errno.ENOENT && e.errno() != Errno.EINVAL) {
                throw e;
            }
        }
    }

    private void setClass(int linkIndex, long bytesPerSecond) throws NativeException {
        NetlinkMessage limit = limit(linkIndex, bytesPerSecond);
        try {
            socket.execute(limit);
        } catch (NetlinkException e) {
            // no htb 1: yet, the ordinary case of a new interface
            removeLimit(linkIndex);
            socket.execute(htb(linkIndex));
            try {
                socket.execute(limit);
            } catch (NetlinkException failure) {
                removeLimit(linkIndex);
                throw failure;
            }
        }
    }

    private void setLeaf(int linkIndex, long bytesPerSecond) throws NativeException {
        try {
            socket.execute(fqCodel(linkIndex));
        } catch (NetlinkException e) {
            if (e.errno() != Errno.ENOENT) {
                throw e;
            }
            // this kernel has no fq_codel; without a leaf of ours packets could wait for seconds
            socket.execute(fifo(linkIndex, bytesPerSecond));
        }
    }

    /** Puts the default discipline back, whatever there was. */
    private void removeLimit(int linkIndex) throws NativeException {
        try {
            socket.execute(message("remove qdisc", RTM_DELQDISC, 0, linkIndex, 0, ROOT));
        } catch (NetlinkException e) {
            // ENOENT or EINVAL: the default is there already
        }
    }

    private static NetlinkMessage htb(int linkIndex) {
        return message("add htb", RTM_NEWQDISC, CREATE_OR_REPLACE, linkIndex, QDISC, ROOT)
                .attribute(TCA_KIND, "htb")
                // struct tc_htb_glob { u32 version, rate2quantum, defcls, debug, direct_pkts }
                .composed(
                        TCA_OPTIONS,
                        options -> options.composed(
                                TCA_HTB_INIT,
                                init -> init.u32(HTB_VERSION)
                                        .u32(RATE_TO_QUANTUM)
                                        .u32(CLASS & 0xFFFF)
                                        .u32(0)
                                        .u32(0)));
    }

    private static NetlinkMessage fqCodel(int linkIndex) {
        return message("add fq_codel", RTM_NEWQDISC, CREATE_OR_REPLACE, linkIndex, 0, CLASS)
                .attribute(TCA_KIND, "fq_codel");
    }

    private static NetlinkMessage fifo(int linkIndex, long bytesPerSecond) {
        long bytes = Math.max(LEAST_QUEUE_BYTES, bytesPerSecond / QUEUES_PER_SECOND);
        return message("add bfifo", RTM_NEWQDISC, CREATE_OR_REPLACE, linkIndex, 0, CLASS)
                .attribute(TCA_KIND, "bfifo")
                .attribute32(TCA_OPTIONS, (int) Math.min(bytes, MOST_QUEUE_BYTES));
    }

    private static NetlinkMessage limit(int linkIndex, long rate) {
        int burst = burstTicks(rate);
        String operation = "limit to " + rate / BYTES_PER_SECOND_PER_KBIT + " kbit/s";
        return message(operation, RTM_NEWTCLASS, CREATE_OR_REPLACE, linkIndex, CLASS, QDISC)
                .attribute(TCA_KIND, "htb")
                .composed(TCA_OPTIONS, options -> {
                    if (rate > MAX_RATE_32) {
                        options.attribute64(TCA_HTB_RATE64, rate).attribute64(TCA_HTB_CEIL64, rate);
                    }
                    // struct tc_htb_opt { tc_ratespec rate, ceil; u32 buffer, cbuffer, quantum, level, prio }
                    options.composed(TCA_HTB_PARMS, parameters -> {
                        rateSpec(parameters, rate);
                        rateSpec(parameters, rate);
                        parameters
                                .u32(burst)
                                .u32(burst)
                                .u32(QUANTUM_BYTES)
                                .u32(0)
                                .u32(0);
                    });
                });
    }

    /** struct tc_ratespec { u8 cell_log, linklayer; u16 overhead; s16 cell_align; u16 mpu; u32 rate }: no rate table. */
    private static void rateSpec(NetlinkMessage message, long bytesPerSecond) {
        message.u8(0).u8(LINKLAYER_ETHERNET).u16(0).u16(0).u16(0).u32((int) Math.min(bytesPerSecond, MAX_RATE_32));
    }

    /** The time that a burst takes at the rate, in the kernel's ticks. */
    static int burstTicks(long bytesPerSecond) {
        long bytes = Math.max(LEAST_BURST_BYTES, bytesPerSecond / BURSTS_PER_SECOND);
        double seconds = (double) bytes / bytesPerSecond;
        return (int) Math.ceil(seconds * NANOS_PER_SECOND / NANOS_PER_TICK);
    }

    private static NetlinkMessage message(
            String operation, int type, int flags, int linkIndex, int handle, int parent) {
        return message(operation, type, flags, linkIndex, handle, parent, 0);
    }

    /** struct tcmsg { u8 family, pad; u16 pad; int ifindex; u32 handle, parent, info } */
    static NetlinkMessage message(
            String operation, int type, int flags, int linkIndex, int handle, int parent, int info) {
        return new NetlinkMessage(operation + " on link " + linkIndex, type, flags)
                .u32(0)
                .u32(linkIndex)
                .u32(handle)
                .u32(parent)
                .u32(info);
    }
}
