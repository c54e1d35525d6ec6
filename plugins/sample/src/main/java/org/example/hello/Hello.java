// SPDX-License-Identifier: Apache-2.0
package org.example.hello;

import org.pf4j.Extension;
import org.tunneldigger.api.PluginContext;
import org.tunneldigger.api.PluginLifecycle;
import org.tunneldigger.api.PluginMetrics.Counter;
import org.tunneldigger.api.event.SessionUp;
import org.tunneldigger.api.hook.SessionUpHook;

/** Greets every tunnel in the broker's log, with the word that {@code [plugin.hello] greeting} says. */
@Extension
public class Hello implements PluginLifecycle, SessionUpHook {
    private PluginContext context;
    private Counter greeted;
    private String greeting;

    @Override
    public void start(PluginContext given) {
        context = given;
        greeting = given.configuration().read(keys -> keys.text("greeting", "hello"));
        greeted = given.metrics().counter("greeted", "Tunnels that were greeted.");
    }

    @Override
    public void onSessionUp(SessionUp event) {
        greeted.increment();
        context.logger().info("{}, {}", greeting, event.session().interfaceName());
    }
}
