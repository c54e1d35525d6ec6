// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.bridgepermtu;

import java.util.List;
import org.tunneldigger.api.net.BridgeOptions;
import org.tunneldigger.api.net.InterfaceAddress;
import org.tunneldigger.api.net.LinuxNetwork;
import org.tunneldigger.api.net.NetworkException;

/** The steps that make one bridge what its plan says. Each may be repeated. */
final class KernelBridge {
    private final BridgePlan plan;
    private final List<InterfaceAddress> addresses;
    private final boolean isolate;
    private final TableRules rules;
    private final LinuxNetwork network;

    KernelBridge(BridgePlan plan, BridgeSettings settings, TableRules rules, LinuxNetwork network) {
        this.plan = plan;
        this.addresses = settings.addresses();
        this.isolate = settings.isolate();
        this.rules = rules;
        this.network = network;
    }

    /** Makes it, or gives it what it lacks. Returns whether there was none. */
    boolean make() throws NetworkException {
        // The rule first: what comes in by the bridge is never routed by another table.
        rules.ensure(plan.name());
        boolean made = network.ensureBridge(plan.name(), plan.options());
        if (made && plan.macIfMade().isPresent()) {
            network.ensureBridge(
                    plan.name(),
                    BridgeOptions.none().withMacAddress(plan.macIfMade().get()));
        }
        boolean ownRoutes = plan.routeMetric().isPresent();
        for (InterfaceAddress address : addresses) {
            if (!ownRoutes) {
                network.ensureAddress(plan.name(), address);
            } else if (!network.ensureRoutelessAddress(plan.name(), address)) {
                // an address of somebody else's may have come with a route of the kernel's
                network.removeConnectedRoutes(plan.name(), address);
            }
        }
        if (!made && ownRoutes && hasPorts()) {
            route();
        }
        return made;
    }

    void attach(String port, int mtu) throws NetworkException {
        network.attachPort(port, plan.name(), mtu, isolate);
    }

    /** Lets the bridge attract traffic. */
    void route() throws NetworkException {
        if (plan.routeMetric().isPresent()) {
            for (InterfaceAddress address : addresses) {
                network.ensureConnectedRoute(
                        plan.name(), address, plan.routeMetric().getAsLong());
            }
        }
    }

    /** Lets the bridge attract no more traffic. */
    void unroute() throws NetworkException {
        if (plan.routeMetric().isPresent()) {
            for (InterfaceAddress address : addresses) {
                network.removeConnectedRoutes(plan.name(), address);
            }
        }
    }

    boolean hasPorts() throws NetworkException {
        return !network.portsOf(plan.name()).isEmpty();
    }

    /** Removes it with its rules, its addresses and routes. Returns false if somebody has put a port into it. */
    boolean remove() throws NetworkException {
        if (!network.removeBridge(plan.name())) {
            return false;
        }
        rules.remove(plan.name());
        return true;
    }
}
