// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.api.net;

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
     * Makes a bridge if there is none of the name, gives it the MTU, and takes it up.
     *
     * @param mtu in bytes, 68…65535. It holds whatever MTU the bridge's ports have
     * @throws NetworkException {@code EEXIST} if an interface of the name is no bridge
     */
    void ensureBridge(String bridge, int mtu) throws NetworkException;

    /** Gives an interface an address, beside those that it has. */
    void ensureAddress(String interfaceName, InterfaceAddress address) throws NetworkException;

    /**
     * Adds a routing rule: {@code ip rule add from all iif NAME lookup TABLE priority N}.
     *
     * @param inputInterface it need not exist: the rule comes into force when it does
     * @param table number of the routing table, 1…2^32 − 1
     * @param priority 0…2^32 − 1, the lowest number is asked first
     * @throws NetworkException {@code EAFNOSUPPORT} if the kernel lacks the family or its rules
     */
    void ensureRule(IpFamily family, String inputInterface, long table, long priority) throws NetworkException;

    /**
     * Makes an interface a port of a bridge, or moves it there from another bridge, with the MTU, and takes it up. In one batch:
     * down, into the bridge, isolated or not, up. So it forwards nothing before it is isolated; a step that fails leaves it down.
     * A port that is in the bridge already is not taken down.
     *
     * @param mtu of the port, in bytes
     * @param isolated whether it is kept from the bridge's other isolated ports ({@code bridge link set … isolated on})
     * @throws NetworkException {@code EINVAL} if {@code bridge} is no bridge
     */
    void attachPort(String port, String bridge, int mtu, boolean isolated) throws NetworkException;

    /** Takes an interface out of its bridge; nothing if it is in none, or is gone. */
    void detach(String port) throws NetworkException;

    /**
     * Keeps a bridge port from the bridge's other isolated ports, or stops to do so.
     *
     * @throws NetworkException if it is no port of a bridge
     */
    void setIsolated(String port, boolean isolated) throws NetworkException;

    /** The bridge that an interface is a port of. */
    Optional<String> bridgeOf(String port) throws NetworkException;
}
