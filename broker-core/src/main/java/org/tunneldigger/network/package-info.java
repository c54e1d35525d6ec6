// SPDX-License-Identifier: Apache-2.0
/**
 * What plugins may do to the machine's network, done by netlink: the plugin API's
 * {@link org.tunneldigger.api.net.LinuxNetwork}. It owns a few netlink sockets, opened by the first call. Made by main,
 * called by plugins on hook workers; knows names of interfaces and numbers of tables, but no sessions, no hooks and no
 * plugin's policy.
 */
@NullMarked
package org.tunneldigger.network;

import org.jspecify.annotations.NullMarked;
