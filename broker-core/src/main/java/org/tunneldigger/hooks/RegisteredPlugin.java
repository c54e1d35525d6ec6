// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.hooks;

import java.util.List;
import org.tunneldigger.api.hook.Hook;

/**
 * A loaded plugin as the dispatcher sees it.
 *
 * @param id the plugin's id
 * @param hooks its hook objects, in the order in which they are called on the way up
 */
public record RegisteredPlugin(String id, List<Hook> hooks) {
    public RegisteredPlugin {
        hooks = List.copyOf(hooks);
    }
}
