// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.execscripts;

import org.jspecify.annotations.Nullable;
import org.pf4j.Extension;
import org.tunneldigger.api.PluginContext;
import org.tunneldigger.api.PluginLifecycle;
import org.tunneldigger.api.event.ConnectionRateLimited;
import org.tunneldigger.api.event.SessionDown;
import org.tunneldigger.api.event.SessionMtuChanged;
import org.tunneldigger.api.event.SessionPreDown;
import org.tunneldigger.api.event.SessionUp;
import org.tunneldigger.api.hook.ConnectionRateLimitHook;
import org.tunneldigger.api.hook.SessionDownHook;
import org.tunneldigger.api.hook.SessionMtuChangedHook;
import org.tunneldigger.api.hook.SessionPreDownHook;
import org.tunneldigger.api.hook.SessionUpHook;

/**
 * Runs a script, or those of a directory, for each event that has one configured.
 *
 * <p>Arguments: session.up, session.pre-down and session.down get {@code tunnel_id session_id interface mtu endpoint_ip
 * endpoint_port local_port uuid broker_port}; session.mtu-changed gets {@code tunnel_id session_id interface old_mtu
 * new_mtu uuid}; broker.connection-rate-limit gets {@code endpoint_ip endpoint_port uuid}. The uuid is one argument as it
 * is; see {@link ScriptArguments} for the two kinds that are refused. {@link EventVariable} says the same by name, and more.
 */
@Extension
public final class ExecScripts
        implements PluginLifecycle,
                SessionUpHook,
                SessionMtuChangedHook,
                SessionPreDownHook,
                SessionDownHook,
                ConnectionRateLimitHook {
    private @Nullable ScriptSettings settings;
    private @Nullable ScriptRunner runner;

    @Override
    public void start(PluginContext context) {
        ScriptSettings read = context.configuration().read(ScriptSettings::read);
        for (HookScripts scripts : read.hooks()) {
            scripts.warnings().forEach(warning -> context.logger().warn("{}: {}", scripts.hook(), warning));
        }
        if (!ScriptArguments.utf8Arguments()) {
            context.logger()
                    .warn("the locale's encoding is not UTF-8: scripts are not run for a uuid that is not ASCII;"
                            + " start the broker with LC_ALL=C.UTF-8");
        }
        ProcessTree.prepare();
        settings = read;
        runner = new ScriptRunner(read, context);
    }

    @Override
    public void close() {
        ScriptRunner current = runner;
        if (current != null) {
            current.close();
        }
    }

    @Override
    public void onSessionUp(SessionUp event) throws Exception {
        run(Invocation.of(event));
    }

    @Override
    public void onSessionPreDown(SessionPreDown event) throws Exception {
        run(Invocation.of(event));
    }

    @Override
    public void onSessionDown(SessionDown event) throws Exception {
        run(Invocation.of(event));
    }

    @Override
    public void onMtuChanged(SessionMtuChanged event) throws Exception {
        run(Invocation.of(event));
    }

    @Override
    public void onConnectionRateLimited(ConnectionRateLimited event) throws Exception {
        run(Invocation.of(event));
    }

    private void run(Invocation invocation) throws Exception {
        ScriptSettings known = settings;
        ScriptRunner current = runner;
        if (known == null || current == null) {
            throw new IllegalStateException("not started");
        }
        HookScripts scripts = known.of(invocation.hook());
        if (scripts != null) {
            HookRun.run(scripts, current, invocation);
        }
    }
}
