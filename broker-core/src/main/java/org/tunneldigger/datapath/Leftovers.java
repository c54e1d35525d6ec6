// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.datapath;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.tunneldigger.nativeio.Errno;
import org.tunneldigger.nativeio.NativeException;
import org.tunneldigger.netlink.L2tpNetlink;
import org.tunneldigger.netlink.Link;
import org.tunneldigger.netlink.NetlinkException;
import org.tunneldigger.netlink.Rtnetlink;

/**
 * What an earlier broker left in a range of tunnel ids: kernel tunnels, and TAP devices named {@code l2tp<tunnel id>-<session
 * id>}. Both kinds, as that broker may have used the other datapath.
 */
public final class Leftovers {
    private static final Pattern NAME = Pattern.compile("l2tp([0-9]{1,10})-[0-9]{1,10}");
    private static final String TAP_KIND = "tun";
    // the kernel deletes a tunnel some time after it was told to, 80 ms as seen
    private static final int LOOKS = 200;
    private static final int MILLIS_BETWEEN_LOOKS = 10;

    private final Rtnetlink rtnetlink;
    private final int firstId;
    private final int count;

    public Leftovers(Rtnetlink rtnetlink, int firstId, int count) {
        this.rtnetlink = rtnetlink;
        this.firstId = firstId;
        this.count = count;
    }

    /**
     * Removes them and waits until they are gone, 2 s at most. Other interfaces stay, whatever their name.
     *
     * @param l2tp null if it is not in use: it is opened only if there is an interface that may be its
     */
    public void remove(@Nullable L2tpNetlink l2tp) throws NativeException {
        if (l2tp != null) {
            removeTunnels(l2tp);
        } else if (mayHaveKernelTunnels()) {
            try (L2tpNetlink opened = L2tpNetlink.open()) {
                removeTunnels(opened);
            } catch (NetlinkException e) {
                if (e.errno() != Errno.ENOENT) {
                    throw e;
                }
            }
        }
        for (Link link : rtnetlink.links().all()) {
            if (link.kind().equals(TAP_KIND) && isTunnelName(link.name())) {
                deleteIfThere(() -> rtnetlink.links().delete(link.index()));
            }
        }
    }

    private boolean mayHaveKernelTunnels() throws NativeException {
        return rtnetlink.links().all().stream().anyMatch(link -> link.kind().isEmpty() && isTunnelName(link.name()));
    }

    private void removeTunnels(L2tpNetlink l2tp) throws NativeException {
        List<L2tpNetlink.Tunnel> left = tunnels(l2tp);
        for (L2tpNetlink.Tunnel tunnel : left) {
            deleteIfThere(() -> l2tp.tunnelDelete(tunnel.tunnelId()));
        }
        for (int i = 0; i < LOOKS && (!tunnels(l2tp).isEmpty() || !left.isEmpty() && mayHaveKernelTunnels()); i++) {
            try {
                Thread.sleep(MILLIS_BETWEEN_LOOKS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private List<L2tpNetlink.Tunnel> tunnels(L2tpNetlink l2tp) throws NativeException {
        return l2tp.tunnels().stream()
                .filter(tunnel -> inRange(tunnel.tunnelId()))
                .toList();
    }

    private boolean isTunnelName(String interfaceName) {
        Matcher matcher = NAME.matcher(interfaceName);
        return matcher.matches() && inRange(Long.parseLong(matcher.group(1)));
    }

    private boolean inRange(long tunnelId) {
        return tunnelId >= firstId && tunnelId < (long) firstId + count;
    }

    /** It may have gone since the list was made: its process ended. */
    private static void deleteIfThere(Deletion deletion) throws NativeException {
        try {
            deletion.run();
        } catch (NativeException e) {
            if (e.errno() != Errno.ENODEV && e.errno() != Errno.ENOENT) {
                throw e;
            }
        }
    }

    private interface Deletion {
        void run() throws NativeException;
    }
}
