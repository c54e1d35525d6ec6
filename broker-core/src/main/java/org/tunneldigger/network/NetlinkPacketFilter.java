// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.network;

import java.net.InetAddress;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tunneldigger.api.net.FilterFamily;
import org.tunneldigger.api.net.FilterTable;
import org.tunneldigger.api.net.IpFamily;
import org.tunneldigger.api.net.NetworkException;
import org.tunneldigger.api.net.PacketFilter;
import org.tunneldigger.nativeio.Errno;
import org.tunneldigger.nativeio.NativeException;
import org.tunneldigger.netlink.Netfilter;
import org.tunneldigger.netlink.NetlinkException;
import org.tunneldigger.netlink.Rtnetlink;

/**
 * {@link PacketFilter} by one netfilter socket, opened at its first use in the network namespace of that thread. Usable from
 * every thread; calls wait for each other, as they would in the kernel.
 */
final class NetlinkPacketFilter implements PacketFilter, AutoCloseable {
    private final Object lock = new Object();
    private @Nullable Netfilter socket; // guarded by lock
    private boolean closed; // guarded by lock

    private interface Verb<T extends @Nullable Object> {
        T apply(Netfilter socket) throws NativeException;
    }

    private interface Change {
        void make(Netfilter socket) throws NativeException;
    }

    @Override
    public void probeTable(FilterTable table) throws NetworkException {
        run("probe nftables", used -> used.nftables().probe(table));
    }

    @Override
    public void ensureTable(FilterTable table) throws NetworkException {
        run("set up nftables", used -> used.nftables().ensure(table));
    }

    @Override
    public void deleteTable(FilterFamily family, String table) throws NetworkException {
        run(
                "clean up nftables",
                used -> unlessDone(Errno.ENOENT, () -> used.nftables().delete(family, table)));
    }

    @Override
    public Optional<FilterTable.ElementSet> findSet(SetName set) throws NetworkException {
        return call("find a set", used -> Optional.ofNullable(used.nftables().find(set)));
    }

    @Override
    public void flushSet(SetName set) throws NetworkException {
        run("empty a set", used -> used.nftables().flush(set));
    }

    @Override
    public void addElement(SetName set, Element element, Duration timeout) throws NetworkException {
        run(name(element), used -> used.nftables().add(set, element, timeout));
    }

    /** The set is looked for where the element isn't found: both are ENOENT. */
    @Override
    public void removeElement(SetName set, Element element) throws NetworkException {
        run(name(element), used -> {
            try {
                used.nftables().remove(set, element);
            } catch (NativeException e) {
                if (e.errno() != Errno.ENOENT || used.nftables().find(set) == null) {
                    throw e;
                }
            }
        });
    }

    @Override
    public Optional<String> ipsetType(String set) throws NetworkException {
        return call("find an ipset", used -> Optional.ofNullable(used.ipsets().type(set)));
    }

    @Override
    public void ensureIpset(String set, IpFamily family, Duration timeout) throws NetworkException {
        run("set up ipset", used -> used.ipsets().create(set, family == IpFamily.V6, (int) timeout.toSeconds()));
    }

    @Override
    public void addToIpset(String set, InetAddress address, Duration timeout) throws NetworkException {
        run(name(new AddressElement(address)), used -> used.ipsets().add(set, address, (int) timeout.toSeconds()));
    }

    @Override
    public void probePortIsolation() throws NetworkException {
        try (Rtnetlink routing = Rtnetlink.open()) {
            PortIsolationProbe.run(routing.links());
        } catch (NativeException e) {
            throw translated("probe the isolation of bridge ports", e);
        }
    }

    /** Idempotent. A hook that was left behind may still call: it is refused. */
    @Override
    public void close() {
        synchronized (lock) {
            closed = true;
            discard();
        }
    }

    private void run(String operation, Change change) throws NetworkException {
        call(operation, used -> {
            change.make(used);
            return true;
        });
    }

    private <T extends @Nullable Object> T call(String operation, Verb<T> verb) throws NetworkException {
        synchronized (lock) {
            try {
                return verb.apply(opened(operation));
            } catch (NetlinkException refused) {
                throw translated(operation, refused);
            } catch (NativeException broken) {
                discard();
                throw translated(operation, broken);
            }
        }
    }

    private Netfilter opened(String operation) throws NativeException {
        if (closed) {
            throw new NetlinkException(operation, Errno.EBADF, "the broker has ended");
        }
        Netfilter open = socket;
        if (open == null) {
            open = Netfilter.open();
            socket = open;
        }
        return open;
    }

    private void discard() {
        if (socket != null) {
            socket.close();
            socket = null;
        }
    }

    private interface Step {
        void run() throws NativeException;
    }

    private static void unlessDone(int errnoIfDone, Step step) throws NativeException {
        try {
            step.run();
        } catch (NativeException e) {
            if (e.errno() != errnoIfDone) {
                throw e;
            }
        }
    }

    private static NetworkException translated(String operation, NativeException e) {
        String kernelText = e instanceof NetlinkException netlink ? netlink.kernelText() : "";
        return new NetworkException(operation, e.errnoName(), kernelText, String.valueOf(e.getMessage()));
    }

    /** Addresses are not named: whether they may stand in the log is configured elsewhere. */
    private static String name(Element element) {
        return element instanceof InterfaceElement link ? "filter " + link.name() : "filter an address";
    }
}
