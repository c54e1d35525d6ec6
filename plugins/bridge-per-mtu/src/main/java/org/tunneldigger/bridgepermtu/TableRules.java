// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.bridgepermtu;

import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.tunneldigger.api.net.IpFamily;
import org.tunneldigger.api.net.LinuxNetwork;
import org.tunneldigger.api.net.NetworkException;

/** The routing rules for what comes in by a bridge or another master. Usable from every thread. */
final class TableRules {
    private final BridgeSettings settings;
    private final LinuxNetwork network;
    private final Logger logger;
    private final AtomicBoolean lackOfV6Told = new AtomicBoolean();

    TableRules(BridgeSettings settings, LinuxNetwork network, Logger logger) {
        this.settings = settings;
        this.network = network;
        this.logger = logger;
    }

    void ensure(String inputInterface) throws NetworkException {
        if (settings.ruleTable() == BridgeSettings.NO_TABLE) {
            return;
        }
        network.ensureRule(IpFamily.V4, inputInterface, settings.ruleTable(), settings.rulePriority());
        try {
            network.ensureRule(IpFamily.V6, inputInterface, settings.ruleTable(), settings.rulePriority());
        } catch (NetworkException e) {
            throwUnlessNoV6(e);
            if (!lackOfV6Told.getAndSet(true)) {
                logger.info("this kernel has no IPv6 rules, so only IPv4 is routed by the table");
            }
        }
    }

    void remove(String inputInterface) throws NetworkException {
        if (settings.ruleTable() == BridgeSettings.NO_TABLE) {
            return;
        }
        network.removeRule(IpFamily.V4, inputInterface, settings.ruleTable(), settings.rulePriority());
        try {
            network.removeRule(IpFamily.V6, inputInterface, settings.ruleTable(), settings.rulePriority());
        } catch (NetworkException e) {
            throwUnlessNoV6(e);
        }
    }

    private static void throwUnlessNoV6(NetworkException e) throws NetworkException {
        if (!e.errnoName().equals("EAFNOSUPPORT") && !e.errnoName().equals("EOPNOTSUPP")) {
            throw e;
        }
    }
}
