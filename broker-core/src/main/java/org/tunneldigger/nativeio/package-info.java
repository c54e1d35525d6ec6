// SPDX-License-Identifier: Apache-2.0
/**
 * The operating system's calls that the JDK lacks: epoll, UDP sockets with their options, TAP devices, netlink sockets,
 * network namespaces. It owns file descriptors and off-heap memory, and is the only package that knows the foreign function
 * library; what it shows consists of JDK types and {@link org.tunneldigger.protocol.Endpoint}. Called by the event loop, by
 * {@code netlink} and by {@code datapath}; it knows neither sessions nor messages. Linux on x86-64 and aarch64.
 */
@NullMarked
package org.tunneldigger.nativeio;

import org.jspecify.annotations.NullMarked;
