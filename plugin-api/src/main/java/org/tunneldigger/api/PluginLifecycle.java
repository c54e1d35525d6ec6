// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.api;

import org.pf4j.ExtensionPoint;

/**
 * Implemented by a plugin class that wants its {@link PluginContext} or holds resources; the same class usually
 * implements hooks too ({@code org.tunneldigger.api.hook}). The class is annotated with {@link org.pf4j.Extension}, has
 * a public constructor without parameters and is instantiated once.
 *
 * <p>Thread: {@link #start} and {@link #close} run one after the other on a thread of the broker that is not its event
 * loop; plugins start in configured order before the broker binds its port, and close in reverse order after the last
 * hook call. A plugin in the drop-in folder may also start and close while the broker runs; none of its hooks is called then
 * before {@link #start} has returned, or after {@link #close} was called.
 *
 * <p>Deadline: 30 s to start, 5 s to close; at the deadline the thread is interrupted and the broker goes on without the
 * plugin.
 *
 * <p>Failure: whatever {@link #start} throws, errors included, costs this plugin alone: one log line says so, and none
 * of its hooks is called. What {@link #close} throws is logged.
 */
public interface PluginLifecycle extends ExtensionPoint, AutoCloseable {

    /** Called once, before any hook of the same object. Bad configuration is reported by an exception with a message. */
    default void start(PluginContext context) throws Exception {}

    /** Called once after the last hook call, also if {@link #start} failed. Frees what the plugin holds. */
    @Override
    default void close() throws Exception {}
}
