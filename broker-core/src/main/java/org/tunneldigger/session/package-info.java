// SPDX-License-Identifier: Apache-2.0
/**
 * A session as a pure state machine: messages, timers and errors go in with the time, effects come out; beside it the
 * path MTU prober and the pool of tunnel ids. Called on the loop's thread by the broker, which carries the effects out.
 * Knows no sockets, no interfaces, no hooks and no clock.
 */
@NullMarked
package org.tunneldigger.session;

import org.jspecify.annotations.NullMarked;
