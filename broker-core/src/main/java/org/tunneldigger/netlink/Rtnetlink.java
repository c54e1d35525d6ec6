// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.netlink;

import org.tunneldigger.nativeio.NativeException;
import org.tunneldigger.nativeio.NetlinkChannel;

/**
 * One routing netlink socket and what is done through it (rtnetlink(7)), in the network namespace of the thread that opened it.
 * Used by one thread, its parts included. Requests wait for the kernel's answer, a few microseconds as a rule.
 */
public final class Rtnetlink implements AutoCloseable {
    private final NetlinkSocket socket;
    private final Links links;
    private final Addresses addresses;
    private final Rules rules;
    private final Routes routes;
    private final TrafficControl trafficControl;
    private final IngressLimits ingressLimits;

    private Rtnetlink(NetlinkSocket socket) {
        this.socket = socket;
        links = new Links(socket);
        addresses = new Addresses(socket);
        rules = new Rules(socket);
        routes = new Routes(socket);
        trafficControl = new TrafficControl(socket);
        ingressLimits = new IngressLimits(socket);
    }

    public static Rtnetlink open() throws NativeException {
        return new Rtnetlink(NetlinkSocket.open(NetlinkChannel.ROUTE));
    }

    public Links links() {
        return links;
    }

    public Addresses addresses() {
        return addresses;
    }

    public Rules rules() {
        return rules;
    }

    public Routes routes() {
        return routes;
    }

    public TrafficControl trafficControl() {
        return trafficControl;
    }

    public IngressLimits ingressLimits() {
        return ingressLimits;
    }

    /** Idempotent. */
    @Override
    public void close() {
        socket.close();
    }
}
