// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.api.net;

import java.util.List;
import java.util.Optional;

/**
 * Changes to the network of the machine (of the broker's network namespace, to be exact), made by netlink: what {@code ip} and
 * {@code bridge} do, without a process. Implemented by the broker alone: later versions may add methods.
 *
 * <p>Every verb may be repeated: it makes things be so, and does nothing if they are. Interfaces are given by name, at most
 * 15 bytes.
 *
 * <p>Thread: any, hook workers in particular; calls run side by side. A call takes some 10 to 100 µs, at most a few
 * times 5 s if the kernel does not answer; it does not end early when the thread is interrupted.
 *
 * <p>Errors: {@link NetworkException} with the error's name and the kernel's words; {@code ENODEV} if an interface that is
 * named does not exist. What was done before the failure stays.
 */
public interface LinuxNetwork {
    /** Packet filters: nftables and ipset. */
    PacketFilter packetFilter();

    /**
     * Makes a bridge if there is none of the name, has it as the options say, and takes it up.
     *
     * @return whether there was none
     * @throws NetworkException {@code EEXIST} if an interface of the name is no bridge, {@code EINVAL} if it can't be a name
     */
    boolean ensureBridge(String bridge, BridgeOptions options) throws NetworkException;

    /**
     * As the other one, with an MTU alone.
     *
     * @param mtu in bytes, 68…65535. It holds whatever MTU the bridge's ports have
     */
    default void ensureBridge(String bridge, int mtu) throws NetworkException {
        ensureBridge(bridge, BridgeOptions.none().withMtu(mtu));
    }

    /**
     * Deletes a bridge that has no ports, and its addresses and routes with it; nothing if it is gone. That nobody attaches a port at
     * this very moment is the caller's care.
     *
     * @return false if it has ports, so that it is still there
     * @throws NetworkException {@code EINVAL} if {@code bridge} is no bridge
     */
    boolean removeBridge(String bridge) throws NetworkException;

    /** The names of all bridges. */
    List<String> bridges() throws NetworkException;

    /** The names of the interfaces in a bridge or under another master; none if there is no interface of the name. */
    List<String> portsOf(String master) throws NetworkException;

    /**
     * The kind of an interface as {@code ip -d link} names it: {@code "bridge"}, {@code "batadv"}, {@code "tun"}…; {@code ""} for
     * one whose driver has no name for it, such as the kernel's L2TP; nothing if there is no such interface.
     */
    Optional<String> kindOf(String interfaceName) throws NetworkException;

    /** Gives an interface an address, beside those that it has. The kernel adds the route to the address's network. */
    void ensureAddress(String interfaceName, InterfaceAddress address) throws NetworkException;

    /**
     * Gives an interface an address as {@code ip address add … noprefixroute nodad} does: without a route to its network, which is
     * {@link #ensureConnectedRoute}'s then, and in IPv6 without asking whether somebody else has it. For one address on several
     * interfaces. An address that it has already stays with its route.
     *
     * @return whether it had no such address
     */
    boolean ensureRoutelessAddress(String interfaceName, InterfaceAddress address) throws NetworkException;

    /**
     * Adds the route to an address's network by an interface, as the kernel does for an address: in the main table, protocol
     * {@code kernel}, in IPv4 with the address as source.
     *
     * @param metric 1…2^32 − 1, the lowest of several routes to a network is taken; the kernel's own have 0 in IPv4, 256 in IPv6
     */
    void ensureConnectedRoute(String interfaceName, InterfaceAddress address, long metric) throws NetworkException;

    /**
     * Removes every route of protocol {@code kernel} to an address's network by an interface from the main table, whatever its metric:
     * that of {@link #ensureConnectedRoute} and the kernel's own. Nothing if there is none, or no such interface. The
     * address itself stays.
     */
    void removeConnectedRoutes(String interfaceName, InterfaceAddress address) throws NetworkException;

    /**
     * Adds a routing rule: {@code ip rule add from all iif NAME lookup TABLE priority N}.
     *
     * @param inputInterface it need not exist: the rule comes into force when it does
     * @param table number of the routing table, 1…2^32 − 1
     * @param priority 0…2^32 − 1, the lowest number is asked first
     * @throws NetworkException {@code EAFNOSUPPORT} if the kernel lacks the family or its rules
     */
    void ensureRule(IpFamily family, String inputInterface, long table, long priority) throws NetworkException;

    /** Removes the rule that {@link #ensureRule} adds; nothing if there is none. */
    void removeRule(IpFamily family, String inputInterface, long table, long priority) throws NetworkException;

    /**
     * Makes an interface a port of a bridge, or moves it there from another bridge, with the MTU, and takes it up. In one batch:
     * down, into the bridge, isolated or not, up. So it forwards nothing before it is isolated; a step that fails leaves it down.
     * A port that is in the bridge already is not taken down. The port has no IPv6 address of its own from then on ({@code addrgenmode
     * none}): it needs none, and a thousand of them and their routes cost the kernel more than all else here.
     *
     * @param mtu of the port, in bytes
     * @param isolated whether it is kept from the bridge's other isolated ports ({@code bridge link set … isolated on})
     * @throws NetworkException {@code EINVAL} if {@code bridge} is no bridge, {@code ENETDOWN} if it is down
     */
    void attachPort(String port, String bridge, int mtu, boolean isolated) throws NetworkException;

    /**
     * Puts an interface under a master that is no bridge (batman-adv, bond, VRF), or moves it there, with the MTU, and takes it up. In
     * one batch: down, under the master, up; a step that fails leaves it down. One that is there already is not taken down. Nothing
     * keeps such interfaces from each other, but for what the master does.
     *
     * @param mtu of the interface, in bytes
     * @throws NetworkException {@code EINVAL} if {@code master} is a bridge, {@code EOPNOTSUPP} if it is no master
     */
    void attachToMaster(String interfaceName, String master, int mtu) throws NetworkException;

    /**
     * Takes an interface out of its bridge, or from under another master; nothing if it is in none, or is gone. When it comes up next, it
     * has a link-local IPv6 address again.
     */
    void detach(String port) throws NetworkException;

    /**
     * Keeps a bridge port from the bridge's other isolated ports, or stops to do so.
     *
     * @throws NetworkException if it is no port of a bridge
     */
    void setIsolated(String port, boolean isolated) throws NetworkException;

    /** The bridge that an interface is a port of. */
    Optional<String> bridgeOf(String port) throws NetworkException;

    /**
     * Limits what goes out by an interface, in place of a limit before: htb with one class, fq_codel in it. Packets wait, and the
     * oldest flows' are dropped if they wait too long.
     *
     * @param bitsPerSecond of whole frames, 8 000…2^40, or 0 for no limit, which removes such a limit alone; any other discipline at
     *     the interface's root is replaced by a limit and left by 0
     * @throws NetworkException {@code ENOENT} if the kernel has no htb
     */
    void limitDown(String interfaceName, long bitsPerSecond) throws NetworkException;

    /**
     * Limits what comes in by an interface, in place of a limit before: an ingress discipline with a matchall filter whose police
     * action drops what is above the rate. There is no queue: up to 100 ms of the rate, 64 KiB at least, pass at once after a
     * pause. While one limit replaces another one of the two is in force.
     *
     * @param bitsPerSecond of whole frames, 8 000…2^40, or 0 for no limit, which removes the ingress discipline with all its filters
     * @throws NetworkException {@code ENOENT} if the kernel has no sch_ingress, cls_matchall or act_police; the limit before stays
     */
    void limitUp(String interfaceName, long bitsPerSecond) throws NetworkException;
}
