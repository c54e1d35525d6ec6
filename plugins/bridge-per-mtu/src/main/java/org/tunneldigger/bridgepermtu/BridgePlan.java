// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.bridgepermtu;

import java.util.Optional;
import java.util.OptionalLong;
import org.tunneldigger.api.net.BridgeOptions;
import org.tunneldigger.api.net.MacAddress;

/**
 * How one bridge is to be.
 *
 * @param options what it is given, made here or not
 * @param macIfMade its hardware address if it is made here; one that was there keeps its own
 * @param routeMetric the routes to the addresses' networks stand with this metric, and only while the bridge has ports; nothing: they
 *     are the kernel's, and stand always
 * @param whenEmpty what becomes of it when its last port has gone
 */
record BridgePlan(
        String name,
        BridgeOptions options,
        Optional<MacAddress> macIfMade,
        OptionalLong routeMetric,
        WhenEmpty whenEmpty) {
    /** The largest MTU has the best metric, 1; all of them are better than those of IPv6's own routes, 256. */
    private static final int BEST_MTU = 1500;

    private static final long LAST_METRIC = 250;

    enum WhenEmpty {
        STAYS,
        GOES_IF_MADE_HERE,
        GOES
    }

    /** The bridge of an MTU. */
    static BridgePlan ofMtu(String name, int mtu, Target.PerMtu target, BridgeOptions options) {
        return new BridgePlan(
                name,
                options.withMtu(mtu),
                Optional.empty(),
                OptionalLong.of(Math.max(1, Math.min(BEST_MTU + 1 - mtu, LAST_METRIC - 1))),
                target.removeEmpty() && !target.precreate().contains(mtu) ? WhenEmpty.GOES : WhenEmpty.STAYS);
    }

    /** A bridge that a session's profile names, beside those of the MTUs. */
    static BridgePlan besides(String name, Target.PerMtu target, BridgeOptions options, MacAddress mac) {
        return new BridgePlan(
                name,
                options,
                Optional.of(mac),
                OptionalLong.of(LAST_METRIC),
                target.removeEmpty() ? WhenEmpty.GOES_IF_MADE_HERE : WhenEmpty.STAYS);
    }

    /** A bridge for tunnels of any MTU, with the kernel's own routes. */
    static BridgePlan forAll(String name, BridgeOptions options, MacAddress mac) {
        return new BridgePlan(name, options, Optional.of(mac), OptionalLong.empty(), WhenEmpty.STAYS);
    }
}
