// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.session;

import org.tunneldigger.api.event.EndReason;
import org.tunneldigger.protocol.ControlMessage;

/** What a session wants done; the broker carries effects out in the order in which they are listed. */
public sealed interface Effect {

    /** Send a message to the peer. */
    record Send(ControlMessage message) implements Effect {}

    /** Set the interface's MTU, then tell the hooks. */
    record ChangeMtu(int oldMtu, int newMtu) implements Effect {}

    /** Shape what leaves through the session's interface. */
    record LimitBandwidth(long kbitPerSecond) implements Effect {}

    /** Run the pre-down hooks while the interface still stands; answer with {@link Session#onPreDownDone()}. */
    record RunPreDown(EndReason reason) implements Effect {}

    /** Remove interface and socket, then run the down hooks; answer with {@link Session#onDownDone()}. */
    record TearDown(EndReason reason) implements Effect {}

    /** The session is over; its tunnel id may go back to the pool. */
    record Release() implements Effect {}
}
