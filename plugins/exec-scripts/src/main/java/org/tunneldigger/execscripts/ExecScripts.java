// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.execscripts;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pf4j.Extension;
import org.tunneldigger.api.AddressText;
import org.tunneldigger.api.PluginContext;
import org.tunneldigger.api.PluginLifecycle;
import org.tunneldigger.api.event.ConnectionRateLimited;
import org.tunneldigger.api.event.SessionDown;
import org.tunneldigger.api.event.SessionInfo;
import org.tunneldigger.api.event.SessionMtuChanged;
import org.tunneldigger.api.event.SessionPreDown;
import org.tunneldigger.api.event.SessionUp;
import org.tunneldigger.api.hook.ConnectionRateLimitHook;
import org.tunneldigger.api.hook.HookFailedException.Severity;
import org.tunneldigger.api.hook.SessionDownHook;
import org.tunneldigger.api.hook.SessionMtuChangedHook;
import org.tunneldigger.api.hook.SessionPreDownHook;
import org.tunneldigger.api.hook.SessionUpHook;

/**
 * Runs one script for each event that has one configured.
 *
 * <p>Arguments: session.up, session.pre-down and session.down get {@code tunnel_id session_id interface mtu endpoint_ip
 * endpoint_port local_port uuid broker_port}; session.mtu-changed gets {@code tunnel_id session_id interface old_mtu
 * new_mtu uuid}; broker.connection-rate-limit gets {@code endpoint_ip endpoint_port uuid}. The uuid is one argument as it
 * is; see {@link ScriptArguments} for the two kinds that are refused.
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
        ScriptSettings read = ScriptSettings.read(context.configuration().values());
        read.unknownKeys().forEach(key -> context.logger().warn("unknown key {}, ignored", key));
        for (Script script : read.scripts()) {
            String problem = script.problem();
            if (problem != null) {
                context.logger().warn("{}: {}", script.hook(), problem);
            }
        }
        if (!ScriptArguments.utf8Arguments()) {
            context.logger()
                    .warn("the locale's encoding is not UTF-8: scripts are not run for a uuid that is not ASCII;"
                            + " start the broker with LC_ALL=C.UTF-8");
        }
        settings = read;
        runner = new ScriptRunner(read.timeout(), read.maxProcesses(), context.logger());
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
        run("session.up", Severity.WARNING, event.session(), sessionArguments(event.session(), event.mtu()));
    }

    @Override
    public void onSessionPreDown(SessionPreDown event) throws Exception {
        run("session.pre-down", Severity.WARNING, event.session(), sessionArguments(event.session(), event.mtu()));
    }

    /** Scripts written for other brokers expect the interface to be there still, and fail: no reason for an alarm. */
    @Override
    public void onSessionDown(SessionDown event) throws Exception {
        run("session.down", Severity.NOTICE, event.session(), sessionArguments(event.session(), event.mtu()));
    }

    @Override
    public void onMtuChanged(SessionMtuChanged event) throws Exception {
        SessionInfo session = event.session();
        run(
                "session.mtu-changed",
                Severity.WARNING,
                session,
                List.of(
                        Integer.toString(session.tunnelId()),
                        Long.toString(session.sessionId()),
                        session.interfaceName(),
                        Integer.toString(event.oldMtu()),
                        Integer.toString(event.newMtu()),
                        session.uuid()));
    }

    @Override
    public void onConnectionRateLimited(ConnectionRateLimited event) throws Exception {
        run(
                "broker.connection-rate-limit",
                Severity.WARNING,
                "a refused client",
                List.of(
                        AddressText.of(event.remote()),
                        Integer.toString(event.remote().getPort()),
                        event.uuid()));
    }

    private static List<String> sessionArguments(SessionInfo session, int mtu) {
        // Local port and broker port are the same: one port serves all sessions.
        String brokerPort = Integer.toString(session.local().getPort());
        return List.of(
                Integer.toString(session.tunnelId()),
                Long.toString(session.sessionId()),
                session.interfaceName(),
                Integer.toString(mtu),
                AddressText.of(session.remote()),
                Integer.toString(session.remote().getPort()),
                brokerPort,
                session.uuid(),
                brokerPort);
    }

    private void run(String hook, Severity severity, SessionInfo session, List<String> arguments) throws Exception {
        run(hook, severity, session.interfaceName(), arguments);
    }

    private void run(String hook, Severity severity, String subject, List<String> arguments) throws Exception {
        ScriptSettings known = settings;
        ScriptRunner current = runner;
        if (known == null || current == null) {
            throw new IllegalStateException("not started");
        }
        Script script = known.script(hook);
        if (script != null) {
            current.run(script, subject, arguments, severity);
        }
    }
}
