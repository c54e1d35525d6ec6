// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.plugins;

import java.util.List;
import java.util.Optional;
import org.tunneldigger.hooks.RegisteredPlugin;

/** Who is told when plugins come and go while the broker runs. Called on the plugin host's own thread. */
public interface PluginChanges {
    /**
     * These are the plugins from now on. Returns when that is in force: no call of any other begins any more.
     *
     * @param plugins in the order on the way up
     * @param arrived the one that is new, if one is: it wants to be told of the sessions that are up
     */
    void set(List<RegisteredPlugin> plugins, Optional<RegisteredPlugin> arrived) throws InterruptedException;

    /** Waits until no call of a plugin that was taken away runs any more, or it has had its time. */
    void awaitIdle(RegisteredPlugin gone) throws InterruptedException;
}
