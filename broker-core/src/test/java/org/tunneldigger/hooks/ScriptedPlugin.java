// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.hooks;

import java.util.List;
import org.tunneldigger.api.event.ConnectionRateLimited;
import org.tunneldigger.api.event.SessionDown;
import org.tunneldigger.api.event.SessionMtuChanged;
import org.tunneldigger.api.event.SessionPreDown;
import org.tunneldigger.api.event.SessionUp;
import org.tunneldigger.api.hook.ConnectionRateLimitHook;
import org.tunneldigger.api.hook.Hook;
import org.tunneldigger.api.hook.SessionDownHook;
import org.tunneldigger.api.hook.SessionMtuChangedHook;
import org.tunneldigger.api.hook.SessionPreDownHook;
import org.tunneldigger.api.hook.SessionUpHook;

/** A plugin with all hooks, each of which does what the test says. */
record ScriptedPlugin(String id, Script script)
        implements SessionUpHook, SessionMtuChangedHook, SessionPreDownHook, SessionDownHook, ConnectionRateLimitHook {

    /** One hook call, in short. */
    record Call(HookKind kind, int tunnelId, int oldMtu, int mtu, String uuid) {}

    interface Script {
        void on(Call call) throws Exception;
    }

    static RegisteredPlugin plugin(String id, Script script) {
        return new RegisteredPlugin(id, List.<Hook>of(new ScriptedPlugin(id, script)));
    }

    @Override
    public void onSessionUp(SessionUp event) throws Exception {
        script.on(new Call(
                HookKind.SESSION_UP,
                event.session().tunnelId(),
                0,
                event.mtu(),
                event.session().uuid()));
    }

    @Override
    public void onMtuChanged(SessionMtuChanged event) throws Exception {
        script.on(new Call(
                HookKind.SESSION_MTU_CHANGED,
                event.session().tunnelId(),
                event.oldMtu(),
                event.newMtu(),
                event.session().uuid()));
    }

    @Override
    public void onSessionPreDown(SessionPreDown event) throws Exception {
        script.on(new Call(
                HookKind.SESSION_PRE_DOWN,
                event.session().tunnelId(),
                0,
                event.mtu(),
                event.session().uuid()));
    }

    @Override
    public void onSessionDown(SessionDown event) throws Exception {
        script.on(new Call(
                HookKind.SESSION_DOWN,
                event.session().tunnelId(),
                0,
                event.mtu(),
                event.session().uuid()));
    }

    @Override
    public void onConnectionRateLimited(ConnectionRateLimited event) throws Exception {
        script.on(new Call(HookKind.CONNECTION_RATE_LIMIT, 0, 0, 0, event.uuid()));
    }
}
