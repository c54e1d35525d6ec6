// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.broker;

import org.tunneldigger.protocol.Endpoint;

/**
 * The two ends of a conversation. A session belongs to a flow, not to a remote endpoint alone: one client socket may ask
 * on two of the broker's ports.
 *
 * @param local the address and port that were asked; never a wildcard
 */
record Flow(Endpoint remote, Endpoint local) {}
