// SPDX-License-Identifier: Apache-2.0
/**
 * The control protocol as values: messages, endpoints, and the pure codec between datagrams and messages. Called by the
 * handshake, the sessions and the router; knows the JDK only, no sockets and no clock.
 */
@NullMarked
package org.tunneldigger.protocol;

import org.jspecify.annotations.NullMarked;
