// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.hooks;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.tunneldigger.api.hook.Hook;

/** One hook object of one plugin, as a stop on an event's way. */
record HookTarget(PluginRecord plugin, Hook hook) {

    /** For every kind of hook who is called, in the order of calling. */
    static Map<HookKind, List<HookTarget>> routes(List<PluginRecord> plugins) {
        Map<HookKind, List<HookTarget>> routes = new EnumMap<>(HookKind.class);
        for (HookKind kind : HookKind.values()) {
            List<HookTarget> route = new ArrayList<>();
            for (PluginRecord plugin : plugins) {
                for (Hook hook : plugin.hooks(kind)) {
                    route.add(new HookTarget(plugin, hook));
                }
            }
            if (kind.reversed()) {
                Collections.reverse(route);
            }
            routes.put(kind, List.copyOf(route));
        }
        return routes;
    }
}
