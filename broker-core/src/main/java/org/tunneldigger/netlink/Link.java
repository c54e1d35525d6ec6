// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.netlink;

/**
 * A network interface as it was when asked for.
 *
 * @param index above 0, unique in its network namespace
 * @param up whether it is administratively up
 * @param master index of the bridge that it is a port of, 0 if none
 * @param kind {@code "bridge"}, {@code "veth"}, {@code "tun"}…; empty for kinds that have no name, the kernel's L2TP among them
 */
public record Link(int index, String name, int mtu, boolean up, int master, String kind) {}
