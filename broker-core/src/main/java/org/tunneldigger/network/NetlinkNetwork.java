// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.network;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
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
    private static final String BRIDGE = "bridge";
    private static final long LARGEST_U32 = 0xFFFF_FFFFL;

    private final SocketPool sockets = new SocketPool();
    private final NetlinkPacketFilter packetFilter = new NetlinkPacketFilter();

    @Override
    public PacketFilter packetFilter() {
        return packetFilter;
    }

    private interface Verb {
        void run(Rtnetlink socket) throws NativeException;
    }

    @Override
    public void ensureBridge(String bridge, int mtu) throws NetworkException {
        run("make bridge " + bridge, socket -> {
            Links links = socket.links();
            Link link = links.byName(bridge);
            if (link == null) {
                unlessDone(Errno.EEXIST, () -> links.createBridge(bridge));
                link = existing(links, bridge);
            }
            if (!link.kind().equals(BRIDGE)) {
                throw new NetlinkException("the interface " + bridge + " is no bridge", Errno.EEXIST, "");
            }
            if (link.mtu() != mtu) {
                // by a request of its own: one that comes with the creation gives way to the ports' MTU
                // (br_mtu_auto_adjust)
                links.setMtu(link.index(), mtu);
            }
            if (!link.up()) {
                links.setUp(link.index());
            }
        });
    }

    @Override
    public void ensureAddress(String interfaceName, InterfaceAddress address) throws NetworkException {
        run("give " + interfaceName + " the address " + address, socket -> {
            int index = existing(socket.links(), interfaceName).index();
            unlessDone(Errno.EEXIST, () -> socket.addresses().add(index, address.address(), address.prefixLength()));
        });
    }

    @Override
    public void ensureRule(IpFamily family, String inputInterface, long table, long priority) throws NetworkException {
        if (table < 1 || table > LARGEST_U32 || priority < 0 || priority > LARGEST_U32) {
            throw new IllegalArgumentException("table " + table + " or priority " + priority + " out of range");
        }
        Rule rule = new Rule(family == IpFamily.V6, (int) priority, inputInterface, (int) table);
        run(
                "add the IP" + (rule.v6() ? "v6" : "v4") + " rule for " + inputInterface,
                socket -> unlessDone(Errno.EEXIST, () -> socket.rules().add(rule)));
    }

    @Override
    public void attachPort(String port, String bridge, int mtu, boolean isolated) throws NetworkException {
        run("attach " + port + " to " + bridge, socket -> {
            Links links = socket.links();
            Link target = existing(links, bridge);
            Link link = existing(links, port);
            if (!target.kind().equals(BRIDGE)) {
                throw new NetlinkException("the interface " + bridge + " is no bridge", Errno.EINVAL, "");
            }
            if (link.master() == target.index()) {
                links.adjustPort(link.index(), mtu, isolated);
            } else {
                links.attachPort(link.index(), target.index(), mtu, isolated);
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

    /** Idempotent; call it when no plugin is left. */
    @Override
    public void close() {
        packetFilter.close();
        sockets.close();
    }

    private static @Nullable Link bridgeOf(Links links, Link port) throws NativeException {
        Link master = port.master() == 0 ? null : links.byIndex(port.master());
        return master != null && master.kind().equals(BRIDGE) ? master : null;
    }

    private static Link existing(Links links, String name) throws NativeException {
        Link link = links.byName(name);
        if (link == null) {
            throw new NetlinkException("find the interface " + name, Errno.ENODEV, "");
        }
        return link;
    }

    private interface Change {
        void make() throws NativeException;
    }

    /** Makes a change that another thread or program may have made first, which this error number tells. */
    private static void unlessDone(int errnoIfDone, Change change) throws NativeException {
        try {
            change.make();
        } catch (NativeException e) {
            if (e.errno() != errnoIfDone) {
                throw e;
            }
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
