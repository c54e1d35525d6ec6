// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.execscripts;

import java.util.List;
import java.util.Map;
import org.tunneldigger.api.AddressText;
import org.tunneldigger.api.event.ConnectionRateLimited;
import org.tunneldigger.api.event.SessionDown;
import org.tunneldigger.api.event.SessionInfo;
import org.tunneldigger.api.event.SessionMtuChanged;
import org.tunneldigger.api.event.SessionPreDown;
import org.tunneldigger.api.event.SessionUp;
import org.tunneldigger.api.hook.HookFailedException.Severity;

/**
 * An event as scripts get it.
 *
 * @param hook as in the configuration
 * @param subject what it is about, for the log
 * @param onFailure how loudly an exit status that is not 0 is logged
 * @param arguments in the order that scripts have always had (docs/protocol.md, hook arguments)
 * @param variables environment variables that say the same by name, and more
 */
record Invocation(
        String hook, String subject, Severity onFailure, List<String> arguments, Map<String, String> variables) {
    static final String SESSION_UP = "session.up";
    static final String SESSION_PRE_DOWN = "session.pre-down";
    static final String SESSION_DOWN = "session.down";
    static final String SESSION_MTU_CHANGED = "session.mtu-changed";
    static final String CONNECTION_RATE_LIMIT = "broker.connection-rate-limit";

    static Invocation of(SessionUp event) {
        EventVariables variables = new EventVariables(SESSION_UP, event.at()).session(event.session(), event.mtu());
        return ofSession(SESSION_UP, Severity.WARNING, event.session(), event.mtu(), variables);
    }

    static Invocation of(SessionPreDown event) {
        EventVariables variables = new EventVariables(SESSION_PRE_DOWN, event.at())
                .session(event.session(), event.mtu())
                .reason(event.reason());
        return ofSession(SESSION_PRE_DOWN, Severity.WARNING, event.session(), event.mtu(), variables);
    }

    /** Scripts written for other brokers expect the interface to be there still, and fail: no reason for an alarm. */
    static Invocation of(SessionDown event) {
        EventVariables variables = new EventVariables(SESSION_DOWN, event.at())
                .session(event.session(), event.mtu())
                .reason(event.reason());
        return ofSession(SESSION_DOWN, Severity.NOTICE, event.session(), event.mtu(), variables);
    }

    static Invocation of(SessionMtuChanged event) {
        SessionInfo session = event.session();
        EventVariables variables = new EventVariables(SESSION_MTU_CHANGED, event.at())
                .session(session, event.newMtu())
                .mtuChange(event.oldMtu(), event.newMtu());
        List<String> arguments = List.of(
                Integer.toString(session.tunnelId()),
                Long.toString(session.sessionId()),
                session.interfaceName(),
                Integer.toString(event.oldMtu()),
                Integer.toString(event.newMtu()),
                session.uuid());
        return new Invocation(
                SESSION_MTU_CHANGED, session.interfaceName(), Severity.WARNING, arguments, variables.asMap());
    }

    static Invocation of(ConnectionRateLimited event) {
        EventVariables variables = new EventVariables(CONNECTION_RATE_LIMIT, event.at())
                .endpoints(event.remote(), event.local())
                .uuid(event.uuid());
        List<String> arguments = List.of(
                AddressText.of(event.remote()), Integer.toString(event.remote().getPort()), event.uuid());
        return new Invocation(
                CONNECTION_RATE_LIMIT, "a refused client", Severity.WARNING, arguments, variables.asMap());
    }

    private static Invocation ofSession(
            String hook, Severity onFailure, SessionInfo session, int mtu, EventVariables variables) {
        // Local port and broker port are the same: one port serves all sessions.
        String brokerPort = Integer.toString(session.local().getPort());
        List<String> arguments = List.of(
                Integer.toString(session.tunnelId()),
                Long.toString(session.sessionId()),
                session.interfaceName(),
                Integer.toString(mtu),
                AddressText.of(session.remote()),
                Integer.toString(session.remote().getPort()),
                brokerPort,
                session.uuid(),
                brokerPort);
        return new Invocation(hook, session.interfaceName(), onFailure, arguments, variables.asMap());
    }
}
