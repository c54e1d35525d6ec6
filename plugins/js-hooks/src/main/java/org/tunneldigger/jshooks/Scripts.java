// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.jshooks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.tunneldigger.api.event.AccessDecision;
import org.tunneldigger.api.event.SessionProfile;
import org.tunneldigger.api.hook.HookFailedException;
import org.tunneldigger.jshooks.ScriptFolder.Stamp;

/**
 * The folder's scripts as they are loaded, called in the order of their names, on the way down in reverse. Each stands for itself:
 * one that fails keeps no other from its call.
 *
 * <p>Calls come from hook workers, side by side; {@link #check} and {@link #close} take turns.
 */
final class Scripts implements AutoCloseable {
    private final JsSettings settings;
    private final ScriptFolder folder;
    private final Sandbox sandbox;
    private final ScriptHost host;
    private final ScriptFigures figures;
    private final Logger logger;

    /** Anybody who can send packets decides how often these fail. */
    private final PacedWarnings authorizeWarnings;

    private final PacedWarnings profileWarnings;

    private final SortedMap<String, Script> byName = new TreeMap<>();
    private final Map<String, Stamp> tried = new HashMap<>();
    private SortedMap<String, Stamp> lastLook = new TreeMap<>();
    private boolean folderMissed;
    private boolean closed;
    private volatile List<Script> inOrder = List.of();
    private volatile List<Script> inReverse = List.of();

    Scripts(JsSettings settings, Sandbox sandbox, ScriptHost host, ScriptFigures figures) {
        this.settings = settings;
        this.folder = new ScriptFolder(settings.directory());
        this.sandbox = sandbox;
        this.host = host;
        this.figures = figures;
        this.logger = host.logger();
        this.authorizeWarnings = new PacedWarnings(logger, System::nanoTime);
        this.profileWarnings = new PacedWarnings(logger, System::nanoTime);
    }

    /**
     * Loads what is there.
     *
     * @throws IllegalArgumentException if the folder cannot be read or a required script is not loaded
     */
    synchronized void loadAll() throws InterruptedException {
        try {
            lastLook = folder.look();
        } catch (IOException e) {
            throw new IllegalArgumentException("directory " + settings.directory() + " cannot be read: " + e, e);
        }
        for (Map.Entry<String, Stamp> found : lastLook.entrySet()) {
            load(found.getKey(), found.getValue());
        }
        SortedSet<String> missing = new TreeSet<>(settings.required());
        missing.removeAll(byName.keySet());
        if (!missing.isEmpty()) {
            throw new IllegalArgumentException("required, but not loaded: " + String.join(", ", missing));
        }
    }

    /** Looks for changes. A file counts as changed once it looks the same twice, so that none is taken half written. */
    synchronized void check() throws InterruptedException {
        if (closed) {
            return;
        }
        SortedMap<String, Stamp> look;
        try {
            look = folder.look();
            folderMissed = false;
        } catch (IOException e) {
            if (!folderMissed) {
                logger.warn("{} cannot be read, the scripts go on as they are: {}", settings.directory(), e.toString());
            }
            folderMissed = true;
            return;
        }
        for (Map.Entry<String, Stamp> found : look.entrySet()) {
            String name = found.getKey();
            Stamp stamp = found.getValue();
            if (!stamp.equals(tried.get(name)) && stamp.equals(lastLook.get(name))) {
                load(name, stamp);
            }
        }
        for (String name : new ArrayList<>(tried.keySet())) {
            if (!look.containsKey(name) && !lastLook.containsKey(name)) {
                unload(name);
            }
        }
        lastLook = look;
    }

    /** Tells the scripts about something. */
    void tell(HookName hook, EventFields event) throws HookFailedException, TimeoutException, InterruptedException {
        // A stranger decides how often this one happens: one line an event is enough, which the broker bounds.
        Problems problems =
                new Problems(hook == HookName.CONNECTION_RATE_LIMIT ? line -> {} : line -> logger.warn("{}", line));
        boolean down = hook == HookName.SESSION_PRE_DOWN || hook == HookName.SESSION_DOWN;
        for (Script script : down ? inReverse : inOrder) {
            if (script.handles(hook)) {
                problems.during(() -> script.call(hook, event, Answers::ignored));
            }
        }
        problems.throwFirst();
    }

    /** The first that denies decides, also if another one failed; otherwise a failure is one of the hook. */
    AccessDecision authorize(EventFields event) throws HookFailedException, TimeoutException, InterruptedException {
        HookName hook = HookName.SESSION_AUTHORIZE;
        Problems problems = new Problems(authorizeWarnings::warn);
        for (Script script : inOrder) {
            if (script.handles(hook)) {
                AccessDecision decision = problems.during(() -> script.call(hook, event, Answers::access));
                if (decision instanceof AccessDecision.Deny deny) {
                    problems.logFirst();
                    return AccessDecision.deny(
                            deny.reason().isEmpty() ? script.name() : script.name() + ": " + deny.reason());
                }
            }
        }
        problems.throwFirst();
        return AccessDecision.allow();
    }

    /** What the scripts say, the first of each; one that failed has said nothing. */
    SessionProfile profile(EventFields event) throws InterruptedException {
        HookName hook = HookName.SESSION_PROFILE;
        Problems problems = new Problems(profileWarnings::warn);
        SessionProfile[] said = {SessionProfile.none()};
        for (Script script : inOrder) {
            if (script.handles(hook)) {
                problems.during(() -> said[0] = said[0].orElse(script.call(hook, event, Answers::profile)));
            }
        }
        problems.logFirst();
        return said[0];
    }

    int count() {
        return inOrder.size();
    }

    int stuckThreads() {
        return inOrder.stream().mapToInt(Script::stuckThreads).sum();
    }

    @Override
    public synchronized void close() {
        closed = true;
        byName.values().forEach(Script::close);
        byName.clear();
        publish();
    }

    private void load(String name, Stamp stamp) throws InterruptedException {
        tried.put(name, stamp);
        Script script = byName.get(name);
        try {
            ScriptSource source = folder.read(name);
            if (script == null) {
                byName.put(name, Script.load(sandbox, host, figures, source));
                publish();
            } else {
                script.replace(source);
            }
            logger.info("{}: {}", name, script == null ? "loaded" : "loaded again, it has changed");
        } catch (ScriptBrokenException e) {
            String rest = script == null ? "not loaded" : "the version before goes on";
            logger.error("{}; {}", LogText.oneLine(String.valueOf(e.getMessage())), rest);
        }
    }

    private void unload(String name) {
        tried.remove(name);
        Script script = byName.get(name);
        if (script == null) {
            return;
        }
        if (settings.required().contains(name)) {
            logger.warn("{}: removed, but required: it goes on", name);
            return;
        }
        byName.remove(name);
        publish();
        script.close();
        logger.info("{}: removed", name);
    }

    private void publish() {
        List<Script> order = new ArrayList<>(byName.values());
        inOrder = List.copyOf(order);
        Collections.reverse(order);
        inReverse = List.copyOf(order);
    }
}
