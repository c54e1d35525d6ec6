// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.bridgepermtu;

import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.tunneldigger.api.net.BridgeOptions;
import org.tunneldigger.api.net.LinuxNetwork;
import org.tunneldigger.api.net.MacAddress;
import org.tunneldigger.api.net.NetworkException;

/** The bridges and other masters by name, and which interface is where. Usable from every thread. */
final class Places {
    private final BridgeSettings settings;
    private final LinuxNetwork network;
    private final Logger logger;
    private final TableRules rules;
    private final MacAddress mac;
    private final BridgeOptions options;

    /** As many as there are MTUs of tunnels, and bridges that profiles name. */
    private final Map<String, Place> byName = new ConcurrentHashMap<>();

    private final Map<String, Place> byPort = new ConcurrentHashMap<>();

    Places(BridgeSettings settings, LinuxNetwork network, Logger logger) {
        this.settings = settings;
        this.network = network;
        this.logger = logger;
        rules = new TableRules(settings, network, logger);
        String seed = settings.target() instanceof Target.PerMtu perMtu
                ? perMtu.prefix()
                : settings.target().nameFor(0);
        mac = settings.mac().orElseGet(() -> StableMac.of(Path.of("/"), seed));
        options = new BridgeOptions(
                BridgeOptions.none().mtu(), settings.mac(), settings.stp(), settings.multicastSnooping());
    }

    /** Makes what is to be there before the first tunnel, and tidies up after an earlier run. */
    void prepare() throws NetworkException {
        Target target = settings.target();
        if (target instanceof Target.PerMtu perMtu) {
            for (String name : network.bridges()) {
                if (perMtu.mtuOf(name).isPresent()) {
                    bridge(name).tidyIfEmpty();
                }
            }
            for (int mtu : perMtu.precreate()) {
                bridge(perMtu.nameFor(mtu)).prepare();
            }
        } else if (target instanceof Target.OneBridge one) {
            bridge(one.name()).prepare();
        } else if (target instanceof Target.OtherMaster master) {
            check(master.name());
        }
    }

    private void check(String master) throws NetworkException {
        String kind = network.kindOf(master).orElse("none");
        switch (kind) {
            case "none" -> logger.warn("there is no interface {} yet: tunnels stay down until there is", master);
            case "bridge" ->
                throw new IllegalArgumentException(
                        "master = " + master + " is a bridge: name it by bridge = " + master);
            default -> logger.info("tunnels go under {} ({}), which does not isolate them", master, kind);
        }
    }

    /**
     * Puts an interface where its session's MTU or profile says.
     *
     * @param name of the bridge or other master
     * @return whether it was in another one before
     */
    boolean put(String port, String name, int mtu) throws NetworkException {
        Place target = byName.computeIfAbsent(name, this::place);
        Place previous = byPort.put(port, target);
        boolean moved = previous != null && !previous.equals(target);
        try {
            target.join(port, mtu);
        } catch (NetworkException e) {
            afterFailure(target, port, e);
            if (moved) {
                afterFailure(previous, port, e);
            }
            throw e;
        }
        if (moved) {
            previous.leave(port);
        }
        return moved;
    }

    /** The port may be in either place or in none now; a place without ports is to be tidied all the same. */
    private static void afterFailure(Place place, String port, NetworkException failure) {
        try {
            place.leave(port);
        } catch (NetworkException e) {
            failure.addSuppressed(e);
        }
    }

    /** An interface is gone. */
    void remove(String port) throws NetworkException {
        Place place = byPort.remove(port);
        if (place != null) {
            place.leave(port);
        }
    }

    private Bridge bridge(String name) {
        return (Bridge) byName.computeIfAbsent(name, this::place);
    }

    private Place place(String name) {
        Target target = settings.target();
        if (target instanceof Target.OtherMaster master && master.name().equals(name)) {
            return new OtherMasterPlace(name, settings, rules, network);
        }
        BridgePlan plan = plan(name, target);
        return new Bridge(plan, new KernelBridge(plan, settings, rules, network), logger);
    }

    private BridgePlan plan(String name, Target target) {
        if (target instanceof Target.PerMtu perMtu) {
            return perMtu.mtuOf(name).isPresent()
                    ? BridgePlan.ofMtu(name, perMtu.mtuOf(name).getAsInt(), perMtu, options.withMacAddress(mac))
                    : BridgePlan.besides(name, perMtu, options, mac);
        }
        return BridgePlan.forAll(name, options, mac);
    }
}
