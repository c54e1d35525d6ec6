// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.bridgepermtu;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.tunneldigger.api.net.InterfaceAddress;
import org.tunneldigger.api.net.IpFamily;
import org.tunneldigger.api.net.LinuxNetwork;
import org.tunneldigger.api.net.NetworkException;

/** The bridges, by MTU. Usable from every thread. */
final class Bridges {
    private final BridgeSettings settings;
    private final LinuxNetwork network;
    private final Logger logger;

    /** MTUs whose bridge is complete. As many as there are MTUs of tunnels: six, or those that are configured. */
    private final Set<Integer> ready = ConcurrentHashMap.newKeySet();

    private final Object making = new Object();

    Bridges(BridgeSettings settings, LinuxNetwork network, Logger logger) {
        this.settings = settings;
        this.network = network;
        this.logger = logger;
    }

    /** Makes an interface a port of the bridge of this MTU, whatever bridge it was in. */
    void put(String port, int mtu) throws NetworkException {
        String bridge = settings.prefix() + mtu;
        ensure(bridge, mtu);
        try {
            network.attachPort(port, bridge, mtu, settings.isolate());
        } catch (NetworkException e) {
            if (!e.errnoName().equals("ENODEV") && !e.errnoName().equals("EINVAL")) {
                throw e;
            }
            // Somebody may have deleted the bridge since it was made. If it is the port that is gone, that shows again.
            ready.remove(mtu);
            ensure(bridge, mtu);
            network.attachPort(port, bridge, mtu, settings.isolate());
        }
    }

    private void ensure(String bridge, int mtu) throws NetworkException {
        if (ready.contains(mtu)) {
            return;
        }
        // One at a time: no tunnel joins a bridge that another thread has not given its addresses and rule yet.
        synchronized (making) {
            if (!ready.contains(mtu)) {
                make(bridge, mtu);
                ready.add(mtu);
                logger.info("bridge {} is ready", bridge);
            }
        }
    }

    private void make(String bridge, int mtu) throws NetworkException {
        // The rule first: what comes in by the bridge is never routed by another table.
        if (settings.ruleTable() != BridgeSettings.NO_TABLE) {
            network.ensureRule(IpFamily.V4, bridge, settings.ruleTable(), settings.rulePriority());
            ensureV6Rule(bridge);
        }
        network.ensureBridge(bridge, mtu);
        for (InterfaceAddress address : settings.addresses()) {
            network.ensureAddress(bridge, address);
        }
    }

    private void ensureV6Rule(String bridge) throws NetworkException {
        try {
            network.ensureRule(IpFamily.V6, bridge, settings.ruleTable(), settings.rulePriority());
        } catch (NetworkException e) {
            if (!e.errnoName().equals("EAFNOSUPPORT") && !e.errnoName().equals("EOPNOTSUPP")) {
                throw e;
            }
            logger.info("{}: this kernel has no IPv6 rules, so only IPv4 is routed by the table", bridge);
        }
    }
}
