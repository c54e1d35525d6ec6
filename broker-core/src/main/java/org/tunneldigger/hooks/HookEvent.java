// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.hooks;

import org.tunneldigger.api.event.ConnectionRateLimited;
import org.tunneldigger.api.event.SessionDown;
import org.tunneldigger.api.event.SessionMtuChanged;
import org.tunneldigger.api.event.SessionPreDown;
import org.tunneldigger.api.event.SessionRequest;
import org.tunneldigger.api.event.SessionUp;
import org.tunneldigger.api.hook.ConnectionRateLimitHook;
import org.tunneldigger.api.hook.Hook;
import org.tunneldigger.api.hook.SessionAuthorizeHook;
import org.tunneldigger.api.hook.SessionDownHook;
import org.tunneldigger.api.hook.SessionMtuChangedHook;
import org.tunneldigger.api.hook.SessionPreDownHook;
import org.tunneldigger.api.hook.SessionProfileHook;
import org.tunneldigger.api.hook.SessionUpHook;

/** An event on its way to the hooks that want it. */
sealed interface HookEvent {

    HookKind kind();

    /** What the event is about, for the log: never anything that a stranger wrote. */
    String subject();

    /** Calls the hook, which has the interface of this event's {@link #kind}. */
    void deliverTo(HookTarget target) throws Exception;

    /** Whether no further hook need be called: the question is answered. */
    default boolean settled() {
        return false;
    }

    /** A hook that this event was for was not called, or did not do what it should have. */
    default void missed(PluginRecord plugin) {}

    /** A client's request on its way to those who decide about it. */
    record Authorize(SessionRequest request, Answers answers) implements HookEvent {
        @Override
        public HookKind kind() {
            return HookKind.SESSION_AUTHORIZE;
        }

        @Override
        public String subject() {
            return "a client's request";
        }

        @Override
        public void deliverTo(HookTarget target) throws Exception {
            answers.add(target.plugin(), ((SessionAuthorizeHook) target.hook()).authorize(request));
        }

        @Override
        public boolean settled() {
            return answers.denied();
        }

        @Override
        public void missed(PluginRecord plugin) {
            answers.missing(plugin);
        }
    }

    record Profile(SessionRequest request, Answers answers) implements HookEvent {
        @Override
        public HookKind kind() {
            return HookKind.SESSION_PROFILE;
        }

        @Override
        public String subject() {
            return "a client's request";
        }

        @Override
        public void deliverTo(HookTarget target) throws Exception {
            answers.add(((SessionProfileHook) target.hook()).profile(request));
        }
    }

    record Up(SessionUp event) implements HookEvent {
        @Override
        public HookKind kind() {
            return HookKind.SESSION_UP;
        }

        @Override
        public String subject() {
            return event.session().interfaceName();
        }

        @Override
        public void deliverTo(HookTarget target) throws Exception {
            ((SessionUpHook) target.hook()).onSessionUp(event);
        }
    }

    record MtuChanged(SessionMtuChanged event) implements HookEvent {
        @Override
        public HookKind kind() {
            return HookKind.SESSION_MTU_CHANGED;
        }

        @Override
        public String subject() {
            return event.session().interfaceName();
        }

        @Override
        public void deliverTo(HookTarget target) throws Exception {
            ((SessionMtuChangedHook) target.hook()).onMtuChanged(event);
        }
    }

    record PreDown(SessionPreDown event) implements HookEvent {
        @Override
        public HookKind kind() {
            return HookKind.SESSION_PRE_DOWN;
        }

        @Override
        public String subject() {
            return event.session().interfaceName();
        }

        @Override
        public void deliverTo(HookTarget target) throws Exception {
            ((SessionPreDownHook) target.hook()).onSessionPreDown(event);
        }
    }

    record Down(SessionDown event) implements HookEvent {
        @Override
        public HookKind kind() {
            return HookKind.SESSION_DOWN;
        }

        @Override
        public String subject() {
            return event.session().interfaceName();
        }

        @Override
        public void deliverTo(HookTarget target) throws Exception {
            ((SessionDownHook) target.hook()).onSessionDown(event);
        }
    }

    record RateLimited(ConnectionRateLimited event) implements HookEvent {
        @Override
        public HookKind kind() {
            return HookKind.CONNECTION_RATE_LIMIT;
        }

        @Override
        public String subject() {
            return "a refused client";
        }

        @Override
        public void deliverTo(HookTarget target) throws Exception {
            ((ConnectionRateLimitHook) target.hook()).onConnectionRateLimited(event);
        }
    }

    /** Whether the hook has the interface of this kind. */
    static boolean wanted(HookKind kind, Hook hook) {
        return switch (kind) {
            case SESSION_AUTHORIZE -> hook instanceof SessionAuthorizeHook;
            case SESSION_PROFILE -> hook instanceof SessionProfileHook;
            case SESSION_UP -> hook instanceof SessionUpHook;
            case SESSION_MTU_CHANGED -> hook instanceof SessionMtuChangedHook;
            case SESSION_PRE_DOWN -> hook instanceof SessionPreDownHook;
            case SESSION_DOWN -> hook instanceof SessionDownHook;
            case CONNECTION_RATE_LIMIT -> hook instanceof ConnectionRateLimitHook;
        };
    }
}
