// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.api.hook;

import org.pf4j.ExtensionPoint;

/**
 * What all hooks have in common. Not implemented directly: a plugin implements the interfaces that extend it.
 *
 * <p>Thread: a worker thread of the broker, never its event loop, with the plugin's class loader as context class loader.
 * Calls for different sessions run at the same time (at most 16 unless configured otherwise), so a plugin guards its own
 * shared state.
 *
 * <p>Order: for one session session.authorize and session.profile before there is one, then strictly session.up,
 * session.mtu-changed…, session.pre-down, session.down, one call at a time. Plugins run one after the other, in configured order for session.up and session.mtu-changed, in reverse order
 * for session.pre-down and session.down. Between sessions there is no order.
 *
 * <p>Deadline: 10 s a call unless configured otherwise, less when the broker stops. At the deadline the thread is
 * interrupted; a hook returns then as soon as it can. One that doesn't is left behind, and until it returns the plugin's
 * hooks are skipped for this session; a plugin with several such calls is skipped for all sessions.
 *
 * <p>Failure: anything thrown, errors included, is counted and logged in one line. It ends neither the session nor the
 * later calls: the other plugins' hooks run, and so do this plugin's own hooks for the session's later events. A
 * {@link HookFailedException} says how it is to be logged; a {@link java.util.concurrent.TimeoutException} counts as a
 * missed deadline.
 */
public interface Hook extends ExtensionPoint {}
