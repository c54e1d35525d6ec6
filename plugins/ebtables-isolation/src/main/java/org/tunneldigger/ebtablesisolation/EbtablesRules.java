// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.ebtablesisolation;

import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tunneldigger.api.net.LinuxNetwork;

/**
 * A chain of our own behind FORWARD: {@code -i UPLINK -j RETURN} and {@code -o UPLINK -j RETURN} for each uplink, then
 * {@code --logical-in BRIDGE -j DROP} for each bridge. Where the bridges are not configured, a bridge has its rule from its first
 * tunnel to its last.
 */
final class EbtablesRules implements Isolation {
    private static final String FORWARD = "FORWARD";
    private static final int MOST_LEFTOVERS = 16;

    private final LinuxNetwork network;
    private final EbtablesProgram ebtables;
    private final IsolationSettings settings;
    private final String chain;
    private final Map<String, String> bridges = new HashMap<>(); // by port; guarded by this
    private final Map<String, Set<String>> ports = new HashMap<>(); // by bridge; guarded by this
    private boolean running; // guarded by this

    EbtablesRules(LinuxNetwork network, IsolationSettings settings) {
        this.network = network;
        this.settings = settings;
        ebtables = new EbtablesProgram(settings.program());
        chain = settings.table();
    }

    /** The rule in a chain that nothing leads to. */
    @Override
    public void probe() throws IOException, InterruptedException {
        String unused = chain + "_probe";
        ebtables.prepare();
        ebtables.tryRun("-F", unused);
        ebtables.tryRun("-X", unused);
        ebtables.run("-N", unused, "-P", "RETURN");
        try {
            ebtables.run("-A", unused, "--logical-in", "tunneldigger0", "-j", "DROP");
        } finally {
            ebtables.tryRun("-F", unused);
            ebtables.tryRun("-X", unused);
        }
    }

    @Override
    public synchronized void start() throws IOException, InterruptedException {
        removeChain();
        running = true;
        ebtables.run("-N", chain, "-P", "RETURN");
        for (String uplink : settings.uplinks()) {
            ebtables.run("-A", chain, "-i", uplink, "-j", "RETURN");
            ebtables.run("-A", chain, "-o", uplink, "-j", "RETURN");
        }
        for (String bridge : settings.bridges()) {
            ebtables.run("-A", chain, "--logical-in", bridge, "-j", "DROP");
        }
        ebtables.run("-A", FORWARD, "-j", chain);
    }

    @Override
    public synchronized boolean isolate(String port) throws IOException, InterruptedException {
        if (!settings.bridges().isEmpty()) {
            return true;
        }
        Optional<String> bridge = network.bridgeOf(port);
        if (!bridge.equals(Optional.ofNullable(bridges.get(port)))) {
            if (bridge.isPresent()) {
                enter(port, bridge.get());
            } else {
                release(port);
            }
        }
        return bridge.isPresent();
    }

    private void enter(String port, String bridge) throws IOException, InterruptedException {
        if (!IsolationSettings.isPlainName(bridge)) {
            throw new IOException("no rule for a bridge of this name: " + bridge);
        }
        if (!ports.containsKey(bridge)) {
            ebtables.run("-A", chain, "--logical-in", bridge, "-j", "DROP");
        }
        ports.computeIfAbsent(bridge, absent -> new HashSet<>()).add(port);
        leave(port, bridges.put(port, bridge));
    }

    @Override
    public synchronized void release(String port) throws IOException, InterruptedException {
        leave(port, bridges.remove(port));
    }

    private void leave(String port, @Nullable String bridge) throws IOException, InterruptedException {
        Set<String> others = bridge == null ? null : ports.get(bridge);
        if (bridge == null || others == null) {
            return;
        }
        others.remove(port);
        if (others.isEmpty()) {
            ports.remove(bridge);
            ebtables.run("-D", chain, "--logical-in", bridge, "-j", "DROP");
        }
    }

    @Override
    public synchronized void stop() throws IOException, InterruptedException {
        if (!running) {
            return;
        }
        running = false;
        bridges.clear();
        ports.clear();
        removeChain();
        if (ebtables.tryRun("-L", chain).isEmpty()) {
            throw new IOException("the chain " + chain + " of ebtables could not be removed");
        }
    }

    private void removeChain() throws IOException, InterruptedException {
        for (int i = 0; i < MOST_LEFTOVERS; i++) {
            if (ebtables.tryRun("-D", FORWARD, "-j", chain).isPresent()) {
                break;
            }
        }
        for (String step : List.of("-F", "-X")) {
            ebtables.tryRun(step, chain);
        }
    }
}
