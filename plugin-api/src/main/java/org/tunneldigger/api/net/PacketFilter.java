// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.api.net;

import java.net.InetAddress;
import java.time.Duration;
import java.util.Optional;

/**
 * Packet filters of the machine, changed by netlink: nftables (what {@code nft} does) and the older ipset. Implemented by the
 * broker alone: later versions may add methods.
 *
 * <p>Every verb is one transaction: the kernel does all of it or nothing. It may be repeated: it makes things be so, and does
 * nothing if they are. Only tables that the caller named are touched.
 *
 * <p>Thread: any, hook workers in particular; calls run one after the other, some 20 to 200 µs each, at most a few times 5 s if
 * the kernel does not answer.
 *
 * <p>Errors: {@link NetworkException} with the error's name and the kernel's words: {@code ENOENT} if a table or set does not
 * exist, {@code EOPNOTSUPP} or {@code EPROTONOSUPPORT} if the kernel lacks what is asked for, {@code EPERM} without
 * CAP_NET_ADMIN.
 */
public interface PacketFilter {
    /** A set of a table. */
    record SetName(FilterFamily family, String table, String set) {}

    /** What a set holds one of. */
    sealed interface Element {}

    /** @param name at most 15 bytes; the interface need not exist */
    record InterfaceElement(String name) implements Element {}

    record AddressElement(InetAddress address) implements Element {}

    /**
     * Whether the kernel could have such a table: makes and deletes it in one transaction, so that none of it is ever in force.
     *
     * @throws NetworkException if not; also if there is a table of the name
     */
    void probeTable(FilterTable table) throws NetworkException;

    /**
     * Makes a table, with the sets and chains that it lacks. Sets that are there keep their elements. The rules of its chains
     * are replaced, with no moment without rules.
     *
     * @throws NetworkException {@code EEXIST} if a chain of the name hooks in elsewhere, or a set of the name holds something
     *     else
     */
    void ensureTable(FilterTable table) throws NetworkException;

    /** Removes a table with all that is in it; nothing if there is none. */
    void deleteTable(FilterFamily family, String table) throws NetworkException;

    /** The set as it is; empty if there is no such set or table, or if it holds none of the {@link FilterTable.Key}s. */
    Optional<FilterTable.ElementSet> findSet(SetName set) throws NetworkException;

    /** Empties a set. */
    void flushSet(SetName set) throws NetworkException;

    /**
     * Puts an element into a set. One that is in it stays, and its time begins anew.
     *
     * @param timeout after which it leaves by itself, from 1 ms; zero: never
     */
    void addElement(SetName set, Element element, Duration timeout) throws NetworkException;

    /** Takes an element out of a set; nothing if it is not in it. */
    void removeElement(SetName set, Element element) throws NetworkException;

    /** The type of an ipset, as {@code hash:ip}; empty if there is none of the name. */
    Optional<String> ipsetType(String set) throws NetworkException;

    /**
     * Makes an ipset of the type {@code hash:ip} if there is none of the name.
     *
     * @param set at most 31 bytes
     * @param timeout after which addresses leave by default, in whole seconds up to 4294967; zero: never
     * @throws NetworkException {@code EEXIST} if one of the name is of another form
     */
    void ensureIpset(String set, IpFamily family, Duration timeout) throws NetworkException;

    /**
     * Puts an address into an ipset. One that is in it stays, and its time begins anew.
     *
     * @param timeout as in {@link #ensureIpset}; zero leaves it to the set
     */
    void addToIpset(String set, InetAddress address, Duration timeout) throws NetworkException;

    /**
     * Whether the kernel's bridges isolate ports: makes a bridge with a port under names of its own, isolates the port and
     * removes both.
     *
     * @throws NetworkException if not
     */
    void probePortIsolation() throws NetworkException;
}
