// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.netlink;

import java.nio.ByteOrder;
import org.tunneldigger.nativeio.Errno;
import org.tunneldigger.nativeio.NativeException;

/**
 * Limits of what comes in by a link: an ingress discipline, a matchall filter, and its police action that drops what is above the
 * rate (linux/pkt_cls.h). One thread.
 */
public final class IngressLimits {
    private static final int RTM_NEWTFILTER = 44;
    private static final int RTM_DELTFILTER = 45;
    private static final int TCA_MATCHALL_ACT = 2;
    private static final int TCA_ACT_KIND = 1;
    private static final int TCA_ACT_OPTIONS = 2;
    private static final int TCA_POLICE_TBF = 1;
    private static final int TCA_POLICE_RATE = 2;
    private static final int TCA_POLICE_RATE64 = 8;
    private static final int TC_ACT_SHOT = 2;
    private static final int INGRESS = 0xFFFF_FFF1;
    private static final int HANDLE = 0xFFFF_0000;
    private static final int FILTER = 1;
    private static final int ETH_P_ALL = 3;
    /** The kernel wants a table of the times that packets take, and has reckoned without it since 3.8. */
    private static final byte[] RATE_TABLE = new byte[1024];

    private static final int RATE_TABLE_STEP_LOG = 3;
    /** 100 ms; what TCP sends before it notices that packets are missing. */
    private static final int BURSTS_PER_SECOND = 10;
    /** The largest packet that a driver hands over in one piece, headers included: a smaller burst would never let it pass. */
    private static final long LEAST_BURST_BYTES = 65_536 + 18;

    private static final long LARGEST_U32 = 0xFFFF_FFFFL;

    private final NetlinkSocket socket;

    IngressLimits(NetlinkSocket socket) {
        this.socket = socket;
    }

    /**
     * Sets or replaces the limit. A filter of this kind cannot be changed, so the new one takes the other of two priorities before
     * the old one goes; while there are both, the lower priority's alone is asked.
     *
     * @param bytesPerSecond of whole frames, 1…2^40
     * @throws NativeException ENOENT if the kernel lacks one of the three parts; a limit that there was is still there
     */
    public void set(int linkIndex, long bytesPerSecond) throws NativeException {
        boolean made = addDiscipline(linkIndex);
        try {
            if (addFilter(linkIndex, 1, bytesPerSecond)) {
                deleteFilter(linkIndex, 2);
            } else {
                deleteFilter(linkIndex, 2);
                addFilter(linkIndex, 2, bytesPerSecond);
                deleteFilter(linkIndex, 1);
            }
        } catch (NetlinkException e) {
            if (made) {
                remove(linkIndex);
            }
            throw e;
        }
    }

    /** Removes the ingress discipline with all its filters; nothing if there is none. */
    public void remove(int linkIndex) throws NativeException {
        String operation = "remove the ingress discipline";
        deleteIfThere(TrafficControl.message(operation, TrafficControl.RTM_DELQDISC, 0, linkIndex, HANDLE, INGRESS, 0)
                .attribute(TrafficControl.TCA_KIND, "ingress"));
    }

    private boolean addDiscipline(int linkIndex) throws NativeException {
        int flags = NetlinkMessage.CREATE | NetlinkMessage.EXCLUSIVE;
        String operation = "add an ingress discipline";
        return added(
                TrafficControl.message(operation, TrafficControl.RTM_NEWQDISC, flags, linkIndex, HANDLE, INGRESS, 0)
                        .attribute(TrafficControl.TCA_KIND, "ingress"));
    }

    /** Returns false if the priority is taken. */
    private boolean addFilter(int linkIndex, int priority, long bytesPerSecond) throws NativeException {
        int flags = NetlinkMessage.CREATE | NetlinkMessage.EXCLUSIVE;
        String operation = "limit what comes in to " + bytesPerSecond * 8 / 1000 + " kbit/s";
        return added(filter(operation, RTM_NEWTFILTER, flags, linkIndex, FILTER, priority)
                .attribute(TrafficControl.TCA_KIND, "matchall")
                .composed(
                        TrafficControl.TCA_OPTIONS,
                        options -> options.composed(
                                TCA_MATCHALL_ACT,
                                actions -> actions.composed(1, action -> police(action, bytesPerSecond)))));
    }

    private void deleteFilter(int linkIndex, int priority) throws NativeException {
        deleteIfThere(filter("delete filter", RTM_DELTFILTER, 0, linkIndex, 0, priority));
    }

    private static NetlinkMessage filter(
            String operation, int type, int flags, int linkIndex, int handle, int priority) {
        int info = priority << 16 | Short.toUnsignedInt(networkOrder((short) ETH_P_ALL));
        return TrafficControl.message(operation, type, flags, linkIndex, handle, HANDLE, info);
    }

    private static void police(NetlinkMessage action, long bytesPerSecond) {
        action.attribute(TCA_ACT_KIND, "police").composed(TCA_ACT_OPTIONS, options -> {
            options.composed(TCA_POLICE_TBF, parameters -> parameters(parameters, bytesPerSecond));
            options.attribute(TCA_POLICE_RATE, RATE_TABLE);
            if (bytesPerSecond > LARGEST_U32) {
                options.attribute64(TCA_POLICE_RATE64, bytesPerSecond);
            }
        });
    }

    /**
     * struct tc_police { u32 index; int action; u32 limit, burst, mtu; tc_ratespec rate, peakrate; int refcnt, bindcnt; u32 capab }.
     * Packets longer than mtu would all be dropped.
     */
    private static void parameters(NetlinkMessage message, long bytesPerSecond) {
        message.u32(0).u32(TC_ACT_SHOT).u32(0).u32(burstTicks(bytesPerSecond)).u32((int) LARGEST_U32);
        rateSpec(message, RATE_TABLE_STEP_LOG, bytesPerSecond);
        rateSpec(message, 0, 0);
        message.u32(0).u32(0).u32(0);
    }

    /** struct tc_ratespec { u8 cell_log, linklayer; u16 overhead; s16 cell_align; u16 mpu; u32 rate } */
    private static void rateSpec(NetlinkMessage message, int stepLog, long bytesPerSecond) {
        message.u8(stepLog)
                .u8(TrafficControl.LINKLAYER_ETHERNET)
                .u16(0)
                .u16(0)
                .u16(0)
                .u32((int) Math.min(bytesPerSecond, LARGEST_U32));
    }

    /** The time that a burst takes at the rate, in the kernel's ticks. */
    static int burstTicks(long bytesPerSecond) {
        double bytes = Math.max(LEAST_BURST_BYTES, bytesPerSecond / BURSTS_PER_SECOND);
        double nanos = bytes / bytesPerSecond * TrafficControl.NANOS_PER_SECOND;
        return (int) (long) Math.min(Math.ceil(nanos / TrafficControl.NANOS_PER_TICK), LARGEST_U32);
    }

    private boolean added(NetlinkMessage request) throws NativeException {
        try {
            socket.execute(request);
            return true;
        } catch (NetlinkException e) {
            if (e.errno() == Errno.EEXIST) {
                return false;
            }
            throw e;
        }
    }

    private void deleteIfThere(NetlinkMessage request) throws NativeException {
        try {
            socket.execute(request);
        } catch (NetlinkException e) {
            // EINVAL: there is no such discipline, or another one
            if (e.errno() != Errno.ENOENT && e.errno() != Errno.EINVAL) {
                throw e;
            }
        }
    }

    private static short networkOrder(short value) {
        return ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN ? value : Short.reverseBytes(value);
    }
}
