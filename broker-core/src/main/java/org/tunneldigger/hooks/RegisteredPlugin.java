// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.hooks;

import java.util.List;
import java.util.Optional;
import org.tunneldigger.api.hook.Hook;
import org.tunneldigger.api.hook.HookFailedException;
import org.tunneldigger.api.hook.HookFailedException.Severity;
import org.tunneldigger.api.hook.SessionAuthorizeHook;

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

    /**
     * What keeps its place while it is being replaced, if it decides who gets a session: it fails to answer, so that nobody is let
     * in only because nobody was there to ask.
     */
    public Optional<RegisteredPlugin> standIn() {
        SessionAuthorizeHook unable = request -> {
            throw new HookFailedException(Severity.WARNING, "it is being reloaded");
        };
        return hooks.stream().anyMatch(SessionAuthorizeHook.class::isInstance)
                ? Optional.of(new RegisteredPlugin(id, List.of(unable)))
                : Optional.empty();
    }
}
