// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.bridgepermtu;

import org.tunneldigger.api.net.InterfaceAddress;
import org.tunneldigger.api.net.LinuxNetwork;
import org.tunneldigger.api.net.NetworkException;

/** A master that is no bridge and is made by somebody else, batman-adv as a rule. */
final class OtherMasterPlace implements Place {
    private final String name;
    private final BridgeSettings settings;
    private final TableRules rules;
    private final LinuxNetwork network;

    OtherMasterPlace(String name, BridgeSettings settings, TableRules rules, LinuxNetwork network) {
        this.name = name;
        this.settings = settings;
        this.rules = rules;
        this.network = network;
    }

    @Override
    public void join(String port, int mtu) throws NetworkException {
        // Each time: whoever made the master may make it anew.
        rules.ensure(name);
        for (InterfaceAddress address : settings.addresses()) {
            network.ensureAddress(name, address);
        }
        network.attachToMaster(port, name, mtu);
    }

    @Override
    public void leave(String port) {}
}
