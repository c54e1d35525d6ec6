// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.api.net;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * How a bridge is to be. What is empty stays as it is; on a new bridge that is the kernel's choice.
 *
 * @param mtu in bytes, 68…65535. It then holds whatever MTU the bridge's ports have. A bridge that was never given one has that of its
 *     smallest port, by the kernel
 * @param macAddress the bridge's own. It then stays; else it is the lowest of its ports' and changes with them
 * @param stp whether the kernel runs the spanning tree protocol. A new port forwards only after twice the bridge's forward delay
 *     (15 s) then
 * @param multicastSnooping whether multicast goes only to ports that asked for it
 */
public record BridgeOptions(
        OptionalInt mtu, Optional<MacAddress> macAddress, Optional<Boolean> stp, Optional<Boolean> multicastSnooping) {
    private static final BridgeOptions NONE =
            new BridgeOptions(OptionalInt.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    /** Any bridge will do. */
    public static BridgeOptions none() {
        return NONE;
    }

    public BridgeOptions withMtu(int bytes) {
        return new BridgeOptions(OptionalInt.of(bytes), macAddress, stp, multicastSnooping);
    }

    public BridgeOptions withMacAddress(MacAddress address) {
        return new BridgeOptions(mtu, Optional.of(address), stp, multicastSnooping);
    }

    public BridgeOptions withStp(boolean on) {
        return new BridgeOptions(mtu, macAddress, Optional.of(on), multicastSnooping);
    }

    public BridgeOptions withMulticastSnooping(boolean on) {
        return new BridgeOptions(mtu, macAddress, stp, Optional.of(on));
    }
}
