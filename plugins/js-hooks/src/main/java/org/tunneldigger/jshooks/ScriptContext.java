// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.jshooks;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.proxy.ProxyExecutable;
import org.jspecify.annotations.Nullable;

/** A script that was loaded: its context, its thread, its handlers. One caller at a time; useless once a call was stopped. */
final class ScriptContext {
    private static final Duration CANCEL_PATIENCE = Duration.ofMillis(300);

    private final String name;
    private final CallLimits limits;
    private final Context context;
    private final ScriptThread thread;
    private final Map<HookName, Value> handlers = new EnumMap<>(HookName.class);
    private @Nullable Value helpers;

    private ScriptContext(String name, CallLimits limits, Context context) {
        this.name = name;
        this.limits = limits;
        this.context = context;
        this.thread = new ScriptThread(name);
    }

    /**
     * Runs a script's text and keeps the handlers that it registers.
     *
     * @throws ScriptBrokenException if it cannot be loaded; nothing is left of it then
     */
    static ScriptContext load(Sandbox sandbox, ScriptSource source, ScriptHost host)
            throws ScriptBrokenException, InterruptedException {
        ScriptLog log = host.logFor(source.name());
        Context context = sandbox.open(new LogLines(log::info), new LogLines(log::warn));
        ScriptContext script = new ScriptContext(source.name(), host.limits(), context);
        boolean loaded = false;
        try {
            script.run(host.limits().load(), () -> script.evaluate(sandbox, source, host, log));
            loaded = true;
            return script;
        } catch (ScriptStoppedException e) {
            throw new ScriptBrokenException(source.name() + ": while it was loaded: " + e.getMessage());
        } catch (ExecutionException e) {
            throw new ScriptBrokenException(ScriptErrors.describe(source.name(), cause(e)));
        } finally {
            if (!loaded) {
                script.close();
            }
        }
    }

    Set<HookName> hooks() {
        return Set.copyOf(handlers.keySet());
    }

    /**
     * Calls the hook's handler.
     *
     * @param event the members of the event
     * @param answer reads what the handler returns; called on the script's thread
     * @throws ScriptStoppedException if it passed a limit; {@link #close} is due
     * @throws ExecutionException with what was thrown as cause
     * @throws InterruptedException if the waiting thread was interrupted; {@link #close} is due
     */
    <T> T call(HookName hook, Map<String, ?> event, Answer<T> answer)
            throws ScriptStoppedException, ExecutionException, InterruptedException {
        return run(limits.call(), () -> {
            Value handler = handlers.get(hook);
            if (handler == null || helpers == null) {
                throw new IllegalArgumentException("it has no handler of " + hook + " any more");
            }
            Value returned = handler.execute(toJavaScript(event, helpers));
            if (helpers.invokeMember("isPromise", returned).asBoolean()) {
                throw new IllegalArgumentException(
                        hook + ": the handler must not be async, there is nothing here that it could wait for");
            }
            return answer.read(hook, returned);
        });
    }

    /** Ends what runs there, for good, within 0.6 s. Whether the thread ended within 0.3 s. */
    boolean close() {
        // On a thread of its own: it waits for what runs, which may be stuck in something that does not react.
        Thread closer = new Thread(() -> context.close(true), "js-close-" + name);
        closer.setDaemon(true);
        closer.start();
        boolean ended = thread.end(CANCEL_PATIENCE);
        if (ended) {
            awaitEnd(closer); // a matter of milliseconds; then nothing holds what the script has gathered
        }
        return ended;
    }

    /** Whether its thread still runs; after {@link #close} it means that the thread is stuck. */
    boolean isAlive() {
        return thread.isAlive();
    }

    private <T> T run(Duration timeout, Callable<T> job)
            throws ScriptStoppedException, ExecutionException, InterruptedException {
        return thread.run(timeout, limits.allocatedBytes(), () -> {
            context.enter(); // for all of the job: closing the context ends what is inside
            try {
                return job.call();
            } finally {
                context.leave();
            }
        });
    }

    private Void evaluate(Sandbox sandbox, ScriptSource source, ScriptHost host, ScriptLog log) {
        ProxyExecutable callVerb = arguments -> host.verbs().call(arguments);
        ProxyExecutable writeLine = arguments -> {
            log.write(arguments[0].asString(), arguments[1].asString());
            return null;
        };
        ProxyExecutable settings = arguments -> arguments[0].execute(pairs(host.values(), null));
        Value made = context.eval(sandbox.surroundings())
                .execute(HookName.all(), NetworkVerbs.NAMES, callVerb, writeLine, settings);
        helpers = made;
        context.eval(sandbox.source(source));
        Value registered = made.invokeMember("loaded");
        for (HookName hook : HookName.values()) {
            Value handler = registered.getMember(hook.toString());
            if (handler != null) {
                handlers.put(hook, handler);
            }
        }
        return null;
    }

    private static Object toJavaScript(Map<String, ?> members, Value helpers) {
        return helpers.invokeMember("object", pairs(members, helpers));
    }

    /** Names and values in turn; values that are maps or lists as JavaScript's own. */
    private static @Nullable Object[] pairs(Map<String, ?> members, @Nullable Value helpers) {
        List<@Nullable Object> pairs = new ArrayList<>();
        members.forEach((member, value) -> {
            pairs.add(member);
            pairs.add(helpers == null ? value : converted(value, helpers));
        });
        return pairs.toArray();
    }

    private static @Nullable Object converted(@Nullable Object value, Value helpers) {
        if (value instanceof EventFields.Labels labels) {
            return helpers.invokeMember("map", pairs(labels.byName(), helpers));
        }
        if (value instanceof EventFields fields) {
            return toJavaScript(fields.members(), helpers);
        }
        return value instanceof List<?> items ? helpers.invokeMember("list", items.toArray()) : value;
    }

    private static void awaitEnd(Thread closer) {
        try {
            closer.join(CANCEL_PATIENCE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Throwable cause(ExecutionException e) {
        return e.getCause() == null ? e : e.getCause();
    }
}
