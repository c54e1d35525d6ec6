// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.api;

import org.slf4j.Logger;
import org.tunneldigger.api.net.LinuxNetwork;

/**
 * What the broker gives to a plugin. Implemented by the broker alone: later versions may add methods. Immutable, usable
 * from every thread.
 */
public interface PluginContext {

    /** The plugin's id, as in its jar's manifest ({@code Plugin-Id}) and in {@code [plugins] enabled}. */
    String id();

    /** The plugin's own configuration section, {@code [plugin.ID]}; without keys if the file has no such section. */
    PluginConfiguration configuration();

    /** A logger named after the plugin. A line written to it reaches the broker's log. */
    Logger logger();

    /** The machine's network. Nothing is opened before its first use. */
    LinuxNetwork network();

    /** The plugin's own clock; its thread starts at the first use. */
    PluginScheduler scheduler();

    /** Figures for the operator. */
    PluginMetrics metrics();
}
