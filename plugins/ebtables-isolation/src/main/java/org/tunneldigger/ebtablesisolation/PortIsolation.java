// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.ebtablesisolation;

import java.util.List;
import org.tunneldigger.api.net.LinuxNetwork;
import org.tunneldigger.api.net.NetworkException;

/** The bridge's own isolation: a property of the port, which comes and goes with it. */
final class PortIsolation implements Isolation {
    private final LinuxNetwork network;
    private final List<String> uplinks;

    PortIsolation(LinuxNetwork network, List<String> uplinks) {
        this.network = network;
        this.uplinks = uplinks;
    }

    @Override
    public void probe() throws NetworkException {
        network.packetFilter().probePortIsolation();
    }

    @Override
    public void start() throws NetworkException {
        for (String uplink : uplinks) {
            try {
                if (network.bridgeOf(uplink).isPresent()) {
                    network.setIsolated(uplink, false);
                }
            } catch (NetworkException e) {
                if (!e.errnoName().equals("ENODEV")) {
                    throw e;
                } // it may come later, and is not isolated then
            }
        }
    }

    @Override
    public boolean isolate(String port) throws NetworkException {
        if (network.bridgeOf(port).isEmpty()) {
            return false;
        }
        network.setIsolated(port, true);
        return true;
    }

    @Override
    public void release(String port) {}

    @Override
    public void stop() {}
}
