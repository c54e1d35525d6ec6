// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.jshooks;

import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.pf4j.Extension;
import org.tunneldigger.api.PluginContext;
import org.tunneldigger.api.PluginLifecycle;
import org.tunneldigger.api.event.AccessDecision;
import org.tunneldigger.api.event.ConnectionRateLimited;
import org.tunneldigger.api.event.SessionDown;
import org.tunneldigger.api.event.SessionMtuChanged;
import org.tunneldigger.api.event.SessionPreDown;
import org.tunneldigger.api.event.SessionProfile;
import org.tunneldigger.api.event.SessionRequest;
import org.tunneldigger.api.event.SessionUp;
import org.tunneldigger.api.hook.ConnectionRateLimitHook;
import org.tunneldigger.api.hook.HookFailedException;
import org.tunneldigger.api.hook.SessionAuthorizeHook;
import org.tunneldigger.api.hook.SessionDownHook;
import org.tunneldigger.api.hook.SessionMtuChangedHook;
import org.tunneldigger.api.hook.SessionPreDownHook;
import org.tunneldigger.api.hook.SessionProfileHook;
import org.tunneldigger.api.hook.SessionUpHook;

/** Hands every event to the scripts of a folder. */
@Extension
public final class JsHooks
        implements PluginLifecycle,
                SessionAuthorizeHook,
                SessionProfileHook,
                SessionUpHook,
                SessionMtuChangedHook,
                SessionPreDownHook,
                SessionDownHook,
                ConnectionRateLimitHook {
    private @Nullable Sandbox sandbox;
    private @Nullable Scripts scripts;

    @Override
    public void start(PluginContext context) throws InterruptedException {
        JsSettings settings = JsSettings.read(context.configuration());
        ScriptHost host = new ScriptHost(
                settings.limits(),
                new NetworkVerbs(context.network()),
                settings.forScripts(),
                HeapWatch.ofThisJvm(),
                context.logger());
        Sandbox made = sandbox();
        sandbox = made;
        Scripts loaded = new Scripts(settings, made, host, ScriptFigures.of(context.metrics()));
        scripts = loaded;
        loaded.loadAll();
        context.metrics().gauge("scripts", "Scripts that are loaded.", loaded::count);
        context.metrics().gauge("stuck_threads", "Threads of scripts that could not be stopped.", loaded::stuckThreads);
        context.scheduler().every(settings.checkInterval(), loaded::check);
    }

    @Override
    public AccessDecision authorize(SessionRequest request)
            throws HookFailedException, TimeoutException, InterruptedException {
        return started().authorize(EventFields.of(request));
    }

    @Override
    public SessionProfile profile(SessionRequest request) throws InterruptedException {
        return started().profile(EventFields.of(request));
    }

    @Override
    public void onSessionUp(SessionUp event) throws HookFailedException, TimeoutException, InterruptedException {
        started().tell(HookName.SESSION_UP, EventFields.of(event));
    }

    @Override
    public void onMtuChanged(SessionMtuChanged event)
            throws HookFailedException, TimeoutException, InterruptedException {
        started().tell(HookName.SESSION_MTU_CHANGED, EventFields.of(event));
    }

    @Override
    public void onSessionPreDown(SessionPreDown event)
            throws HookFailedException, TimeoutException, InterruptedException {
        started().tell(HookName.SESSION_PRE_DOWN, EventFields.of(event));
    }

    @Override
    public void onSessionDown(SessionDown event) throws HookFailedException, TimeoutException, InterruptedException {
        started().tell(HookName.SESSION_DOWN, EventFields.of(event));
    }

    @Override
    public void onConnectionRateLimited(ConnectionRateLimited event)
            throws HookFailedException, TimeoutException, InterruptedException {
        started().tell(HookName.CONNECTION_RATE_LIMIT, EventFields.of(event));
    }

    @Override
    public void close() {
        if (scripts != null) {
            scripts.close();
        }
        if (sandbox != null) {
            sandbox.close();
        }
    }

    /** The engine looks for languages in the context class loader too, which is the broker's while plugins start. */
    private static Sandbox sandbox() {
        Thread current = Thread.currentThread();
        ClassLoader before = current.getContextClassLoader();
        current.setContextClassLoader(JsHooks.class.getClassLoader());
        try {
            return new Sandbox();
        } finally {
            current.setContextClassLoader(before);
        }
    }

    private Scripts started() {
        Scripts current = scripts;
        if (current == null) {
            throw new IllegalStateException("not started");
        }
        return current;
    }
}
