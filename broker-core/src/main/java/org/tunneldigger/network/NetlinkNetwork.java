// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.network;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.tunneldigger.api.net.BridgeOptions;
import org.tunneldigger.api.net.InterfaceAddress;
import org.tunneldigger.api.net.IpFamily;
import org.tunneldigger.api.net.LinuxNetwork;
import org.tunneldigger.api.net.NetworkException;
import org.tunneldigger.api.net.PacketFilter;
import org.tunneldigger.nativeio.Errno;
import org.tunneldigger.nativeio.NativeException;
import org.tunneldigger.netlink.Link;
import org.tunneldigger.netlink.Links;
import org.tunneldigger.netlink.NetlinkException;
import org.tunneldigger.netlink.Rtnetlink;
import org.tunneldigger.netlink.Rule;

/** {@link LinuxNetwork} by rtnetlink. Usable from every thread of one network namespace. */
public final class NetlinkNetwork implements LinuxNetwork, AutoCloseable {
    private static final long LARGEST_U32 = 0xFFFF_FFFFL;
    private static final long LEAST_RATE = 8_000;
    private static final long MOST_RATE = 1L << 40;

    private final SocketPool sockets = new SocketPool();
    private final NetlinkPacketFilter packetFilter = new NetlinkPacketFilter();

    /** Indexes of interfaces that are bridges. */
    private final Map<String, Integer> knownBridges = new ConcurrentHashMap<>();

    @Override
    public PacketFilter packetFilter() {
        return packetFilter;
    }

    private interface Verb {
        void run(Rtnetlink socket) throws NativeException;
    }

    @Override
    public boolean ensureBridge(String bridge, BridgeOptions options) throws NetworkException {
        return call("make bridge " + bridge, socket -> BridgeVerbs.ensure(socket.links(), bridge, options));
    }

    @Override
    public boolean removeBridge(String bridge) throws NetworkException {
        return call("remove bridge " + bridge, socket -> BridgeVerbs.remove(socket.links(), bridge));
    }

    @Override
    public List<String> bridges() throws NetworkException {
        return call(
                "list bridges",
                socket -> socket.links().ofKind(BridgeVerbs.KIND).stream()
                        .map(Link::name)
                        .toList());
    }

    @Override
    public List<String> portsOf(String master) throws NetworkException {
        return call("list the ports of " + master, socket -> {
            Links links = socket.links();
            Link link = links.byName(master);
            return link == null
                    ? List.of()
                    : links.under(link.index()).stream().map(Link::name).toList();
        });
    }

    @Override
    public Optional<String> kindOf(String interfaceName) throws NetworkException {
        return call(
                "look at " + interfaceName,
                socket -> Optional.ofNullable(socket.links().byName(interfaceName))
                        .map(Link::kind));
    }

    @Override
    public void ensureAddress(String interfaceName, InterfaceAddress address) throws NetworkException {
        run("give " + interfaceName + " the address " + address, socket -> {
            int index = existing(socket.links(), interfaceName).index();
            unlessDone(Errno.EEXIST, () -> socket.addresses().add(index, address.address(), address.prefixLength()));
        });
    }

    @Override
    public boolean ensureRoutelessAddress(String interfaceName, InterfaceAddress address) throws NetworkException {
        return call("give " + interfaceName + " the address " + address, socket -> {
            int index = existing(socket.links(), interfaceName).index();
            return unlessDone(
                    Errno.EEXIST,
                    () -> socket.addresses().addRouteless(index, address.address(), address.prefixLength()));
        });
    }

    @Override
    public void ensureConnectedRoute(String interfaceName, InterfaceAddress address, long metric)
            throws NetworkException {
        if (metric < 1 || metric > LARGEST_U32) {
            throw new IllegalArgumentException("metric " + metric + " out of range");
        }
        run("route the network of " + address + " by " + interfaceName, socket -> {
            int index = existing(socket.links(), interfaceName).index();
            unlessDone(
                    Errno.EEXIST,
                    () -> socket.routes().addConnected(index, address.address(), address.prefixLength(), (int) metric));
        });
    }

    @Override
    public void removeConnectedRoutes(String interfaceName, InterfaceAddress address) throws NetworkException {
        run("stop routing the network of " + address + " by " + interfaceName, socket -> {
            Link link = socket.links().byName(interfaceName);
            if (link != null) {
                socket.routes().deleteConnected(link.index(), address.address(), address.prefixLength());
            }
        });
    }

    @Override
    public void ensureRule(IpFamily family, String inputInterface, long table, long priority) throws NetworkException {
        Rule rule = rule(family, inputInterface, table, priority);
        run(
                "add " + words(rule),
                socket -> unlessDone(Errno.EEXIST, () -> socket.rules().add(rule)));
    }

    @Override
    public void removeRule(IpFamily family, String inputInterface, long table, long priority) throws NetworkException {
        Rule rule = rule(family, inputInterface, table, priority);
        run(
                "remove " + words(rule),
                socket -> unlessDone(Errno.ENOENT, () -> socket.rules().delete(rule)));
    }

    @Override
    public void attachPort(String port, String bridge, int mtu, boolean isolated) throws NetworkException {
        run("attach " + port + " to " + bridge, socket -> {
            Links links = socket.links();
            int target = bridgeIndex(links, bridge);
            if (!links.isUp(bridge)) {
                throw new NetlinkException("the bridge " + bridge + " is down", Errno.ENETDOWN, "");
            }
            int index = links.indexOf(port);
            if (index != 0 && !links.isUp(port)) {
                links.attachPort(index, false, target, mtu, isolated); // no other bridge's yet, or no longer
                return;
            }
            Link link = existing(links, port);
            if (link.master() == target) {
                links.adjustPort(link.index(), mtu, isolated);
            } else {
                links.attachPort(link.index(), link.up(), target, mtu, isolated);
            }
        });
    }

    /** An index is always of the same kind: only a new one is looked at. */
    private int bridgeIndex(Links links, String bridge) throws NativeException {
        int index = links.indexOf(bridge);
        if (index == 0 || !Integer.valueOf(index).equals(knownBridges.get(bridge))) {
            Link link = existing(links, bridge);
            BridgeVerbs.require(link, Errno.EINVAL);
            index = link.index();
            knownBridges.put(bridge, index);
        }
        return index;
    }

    @Override
    public void attachToMaster(String interfaceName, String master, int mtu) throws NetworkException {
        run("put " + interfaceName + " under " + master, socket -> {
            Links links = socket.links();
            Link target = existing(links, master);
            Link link = existing(links, interfaceName);
            if (target.kind().equals(BridgeVerbs.KIND)) {
                throw new NetlinkException("the interface " + master + " is a bridge", Errno.EINVAL, "");
            }
            if (link.master() == target.index()) {
                links.adjust(link.index(), mtu);
            } else {
                links.attachToMaster(link.index(), target.index(), mtu);
            }
        });
    }

    @Override
    public void detach(String port) throws NetworkException {
        run("detach " + port, socket -> {
            Link link = socket.links().byName(port);
            if (link != null && link.master() != 0) {
                unlessDone(Errno.ENODEV, () -> socket.links().release(link.index()));
            }
        });
    }

    @Override
    public void setIsolated(String port, boolean isolated) throws NetworkException {
        run((isolated ? "isolate " : "stop isolating ") + port, socket -> {
            Links links = socket.links();
            Link link = existing(links, port);
            if (bridgeOf(links, link) == null) {
                throw new NetlinkException("the interface " + port + " is no port of a bridge", Errno.EINVAL, "");
            }
            links.setIsolated(link.index(), isolated);
        });
    }

    @Override
    public Optional<String> bridgeOf(String port) throws NetworkException {
        return call("find the bridge of " + port, socket -> {
            Links links = socket.links();
            return Optional.ofNullable(bridgeOf(links, existing(links, port))).map(Link::name);
        });
    }

    @Override
    public void limitDown(String interfaceName, long bitsPerSecond) throws NetworkException {
        checkRate(bitsPerSecond);
        run("limit what goes out by " + interfaceName, socket -> {
            int index = existing(socket.links(), interfaceName).index();
            if (bitsPerSecond == 0) {
                socket.trafficControl().removeLimits(index);
            } else {
                socket.trafficControl().limitBytes(index, bitsPerSecond / 8);
            }
        });
    }

    @Override
    public void limitUp(String interfaceName, long bitsPerSecond) throws NetworkException {
        checkRate(bitsPerSecond);
        run("limit what comes in by " + interfaceName, socket -> {
            int index = existing(socket.links(), interfaceName).index();
            if (bitsPerSecond == 0) {
                socket.ingressLimits().remove(index);
            } else {
                socket.ingressLimits().set(index, bitsPerSecond / 8);
            }
        });
    }

    /** Idempotent; call it when no plugin is left. */
    @Override
    public void close() {
        packetFilter.close();
        sockets.close();
    }

    private static @Nullable Link bridgeOf(Links links, Link port) throws NativeException {
        Link master = port.master() == 0 ? null : links.byIndex(port.master());
        return master != null && master.kind().equals(BridgeVerbs.KIND) ? master : null;
    }

    private static Rule rule(IpFamily family, String inputInterface, long table, long priority) {
        if (table < 1 || table > LARGEST_U32 || priority < 0 || priority > LARGEST_U32) {
            throw new IllegalArgumentException("table " + table + " or priority " + priority + " out of range");
        }
        return new Rule(family == IpFamily.V6, (int) priority, inputInterface, (int) table);
    }

    private static String words(Rule rule) {
        return "the IP" + (rule.v6() ? "v6" : "v4") + " rule for " + rule.inputInterface();
    }

    private static void checkRate(long bitsPerSecond) {
        if (bitsPerSecond != 0 && (bitsPerSecond < LEAST_RATE || bitsPerSecond > MOST_RATE)) {
            throw new IllegalArgumentException(
                    bitsPerSecond + " bit/s is neither 0 nor within " + LEAST_RATE + "…" + MOST_RATE);
        }
    }

    static Link existing(Links links, String name) throws NativeException {
        Link link = links.byName(name);
        if (link == null) {
            throw new NetlinkException("find the interface " + name, Errno.ENODEV, "");
        }
        return link;
    }

    interface Change {
        void make() throws NativeException;
    }

    /**
     * Makes a change that another thread or program may have made first, which this error number tells. Returns whether it was made
     * here.
     */
    static boolean unlessDone(int errnoIfDone, Change change) throws NativeException {
        try {
            change.make();
            return true;
        } catch (NativeException e) {
            if (e.errno() != errnoIfDone) {
                throw e;
            }
            return false;
        }
    }

    private void run(String operation, Verb verb) throws NetworkException {
        call(operation, socket -> {
            verb.run(socket);
            return true;
        });
    }

    private <T> T call(String operation, SocketPool.Body<T> body) throws NetworkException {
        try {
            return sockets.with(body);
        } catch (NativeException e) {
            String kernelText = e instanceof NetlinkException netlink ? netlink.kernelText() : "";
            throw new NetworkException(operation, e.errnoName(), kernelText, String.valueOf(e.getMessage()));
        }
    }
}
