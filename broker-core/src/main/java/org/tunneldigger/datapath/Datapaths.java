// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.datapath;

import java.io.IOException;
import org.tunneldigger.datapath.kernel.KernelDatapath;
import org.tunneldigger.datapath.tap.TapDatapath;
import org.tunneldigger.nativeio.Errno;
import org.tunneldigger.nativeio.NativeException;
import org.tunneldigger.nativeio.UdpSocket;
import org.tunneldigger.protocol.Endpoint;

/** Finds out which datapath works here. */
public final class Datapaths {
    // far from any id range in use; the process id keeps two brokers that start at once apart
    private static final int FIRST_PROBE_ID = 0x7000_0000;
    private static final int PROBE_IDS = 0x0FFF_FFFF;
    private static final int PROBE_TRIES = 16;
    private static final int PROBE_MTU = 1280;

    private Datapaths() {}

    /**
     * Opens the datapath asked for, after it was seen to work: a throwaway tunnel is created and deleted.
     *
     * @throws IOException if it does not work, with what would mend it
     */
    public static ChosenDatapath choose(DatapathChoice choice) throws IOException {
        return switch (choice) {
            case KERNEL -> new ChosenDatapath(kernel(), "configured; a kernel tunnel was created and deleted");
            case TAP -> new ChosenDatapath(tap(), "configured; a TAP device was created and deleted");
            case AUTO -> automatic();
        };
    }

    private static ChosenDatapath automatic() throws IOException {
        IOException whyNotKernel;
        try {
            return new ChosenDatapath(kernel(), "the kernel's L2TP works: a tunnel was created and deleted");
        } catch (IOException e) {
            whyNotKernel = e;
        }
        try {
            return new ChosenDatapath(tap(), message(whyNotKernel));
        } catch (IOException e) {
            e.addSuppressed(whyNotKernel);
            throw new IOException("no datapath works: " + message(whyNotKernel) + "; " + message(e), e);
        }
    }

    private static Datapath kernel() throws IOException {
        try {
            return probed(KernelDatapath.open());
        } catch (NativeException e) {
            throw new IOException("the kernel's L2TP does not work here: " + message(e) + "; " + kernelCure(e), e);
        }
    }

    private static Datapath tap() throws IOException {
        try {
            return probed(TapDatapath.open());
        } catch (NativeException e) {
            throw new IOException("TAP devices do not work here: " + message(e) + "; " + tapCure(e), e);
        }
    }

    private static Datapath probed(Datapath datapath) throws NativeException {
        try {
            probe(datapath);
            return datapath;
        } catch (NativeException e) {
            datapath.close();
            throw e;
        }
    }

    private static void probe(Datapath datapath) throws NativeException {
        int id = FIRST_PROBE_ID + (int) (ProcessHandle.current().pid() & PROBE_IDS);
        for (int tries = 1; ; tries++, id++) {
            String name = "tdprobe" + Integer.toHexString(id);
            // not connected, as an interface that is up may not be there yet, loopback included
            try (UdpSocket socket = UdpSocket.open(false)) {
                socket.bind(Endpoint.v4(0, 0));
                datapath.open(new TunnelSpec(id, id, id, id, name, PROBE_MTU), socket)
                        .close();
                return;
            } catch (NativeException e) {
                // the id of a probe just before is still being given back
                if (e.errno() != Errno.EEXIST || tries == PROBE_TRIES) {
                    throw e;
                }
            }
        }
    }

    private static String kernelCure(NativeException e) {
        return switch (e.errno()) {
            case Errno.EPERM, Errno.EACCES -> "run as root or with CAP_NET_ADMIN";
            case Errno.ENOENT, Errno.EPROTONOSUPPORT, Errno.EOPNOTSUPP, Errno.EAFNOSUPPORT ->
                "load the modules with"
                        + " \"modprobe -a l2tp_netlink l2tp_eth\", or set datapath=tap if this kernel was built without"
                        + " CONFIG_L2TP_V3 and CONFIG_L2TP_ETH";
            default -> "set datapath=tap to do without it";
        };
    }

    private static String tapCure(NativeException e) {
        return switch (e.errno()) {
            case Errno.EPERM, Errno.EACCES -> "run as root or with CAP_NET_ADMIN, and allow /dev/net/tun";
            case Errno.ENOENT, Errno.ENODEV, Errno.ENXIO ->
                "load the module with \"modprobe tun\", and in a container pass" + " the device /dev/net/tun in";
            default -> "see the kernel log";
        };
    }

    private static String message(Exception e) {
        String message = e.getMessage();
        return message == null ? e.toString() : message;
    }
}
