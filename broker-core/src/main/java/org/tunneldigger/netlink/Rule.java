// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.netlink;

/**
 * A routing rule: packets that come in by an interface look up a table.
 *
 * @param v6 whether it is for IPv6
 * @param priority unsigned 32 bits, the lowest number is asked first
 * @param inputInterface its name; the interface need not exist
 * @param table number of the routing table
 */
public record Rule(boolean v6, int priority, String inputInterface, int table) {}
