// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.protocol;

/** What a datagram turned out to be: a message, or the reason why it is none. */
public sealed interface Decoded permits ControlMessage, DecodeFailure {}
