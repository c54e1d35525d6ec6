// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.plugins;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tunneldigger.api.PluginLifecycle;
import org.tunneldigger.api.hook.Hook;
import org.tunneldigger.hooks.RegisteredPlugin;

/**
 * A plugin whose classes are loaded.
 *
 * @param source the file that it came from
 * @param copy what its classes are loaded from, if that is not the file itself
 * @param manager PF4J's, of this plugin alone
 * @param lifecycles its objects that want to be started
 * @param figures its metrics
 * @param clock its scheduler
 * @param registered its hooks, as the dispatcher knows them
 */
record LoadedPlugin(
        PluginPackage source,
        @Nullable Path copy,
        OnePluginManager manager,
        List<PluginLifecycle> lifecycles,
        PluginFigures figures,
        PluginClock clock,
        RegisteredPlugin registered) {

    static LoadedPlugin of(
            PluginPackage source, @Nullable Path copy, OnePluginManager manager, List<Object> extensions) {
        List<PluginLifecycle> lifecycles = new ArrayList<>();
        List<Hook> hooks = new ArrayList<>();
        for (Object extension : extensions) {
            if (extension instanceof PluginLifecycle lifecycle) {
                lifecycles.add(lifecycle);
            }
            if (extension instanceof Hook hook) {
                hooks.add(hook);
            }
        }
        PluginFigures figures = new PluginFigures(source.id());
        return new LoadedPlugin(
                source,
                copy,
                manager,
                List.copyOf(lifecycles),
                figures,
                new PluginClock(source.id(), manager.getPluginClassLoader(source.id()), figures),
                new RegisteredPlugin(source.id(), hooks));
    }

    String id() {
        return source.id();
    }
}
