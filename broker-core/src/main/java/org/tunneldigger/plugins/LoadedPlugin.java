// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.plugins;

import java.util.ArrayList;
import java.util.List;
import org.tunneldigger.api.PluginLifecycle;
import org.tunneldigger.api.hook.Hook;
import org.tunneldigger.hooks.RegisteredPlugin;

/**
 * A plugin's objects.
 *
 * @param id the plugin's id
 * @param extensions its extension objects, one a class
 */
record LoadedPlugin(String id, List<Object> extensions) {

    List<PluginLifecycle> lifecycles() {
        List<PluginLifecycle> lifecycles = new ArrayList<>();
        for (Object extension : extensions) {
            if (extension instanceof PluginLifecycle lifecycle) {
                lifecycles.add(lifecycle);
            }
        }
        return lifecycles;
    }

    RegisteredPlugin registered() {
        List<Hook> hooks = new ArrayList<>();
        for (Object extension : extensions) {
            if (extension instanceof Hook hook) {
                hooks.add(hook);
            }
        }
        return new RegisteredPlugin(id, hooks);
    }
}
