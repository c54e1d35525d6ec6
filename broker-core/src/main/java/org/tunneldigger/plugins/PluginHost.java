// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.plugins;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.tunneldigger.api.net.LinuxNetwork;
import org.tunneldigger.hooks.OneLine;
import org.tunneldigger.hooks.RegisteredPlugin;
import org.tunneldigger.log.LogOutput;

/**
 * The loaded plugins. Whatever one of them does while it is loaded, started or stopped (throw, run into a LinkageError,
 * not return) costs itself alone and one log line.
 *
 * <p>Loaded by the thread of main, changed by the one that watches the drop-in folder, asked by any.
 */
public final class PluginHost implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(PluginHost.class);

    private final PluginSettings settings;
    private final PluginRunner runner;

    /** Those that run, in the order on the way up. */
    private final List<LoadedPlugin> loaded = new ArrayList<>();

    /** Keeps the place of one that is being replaced. */
    private @Nullable StandIn standIn;

    /** By plugin, or by file where the plugin is unknown. */
    private final Map<String, PluginFailure> failures = new LinkedHashMap<>();

    private final Optional<DropInWatch> watch;

    /**
     * @param file the replacement's
     * @param place in the order on the way up
     */
    private record StandIn(RegisteredPlugin registered, Path file, int place) {}

    private PluginHost(PluginSettings settings, PluginRunner runner) {
        LogOutput.PROCESS.limit("org.pf4j", Level.WARN);
        // logs with a stack trace what is reported here in one line
        LogOutput.PROCESS.limit("org.pf4j.AbstractPluginManager", null);
        this.settings = settings;
        this.runner = runner;
        // Made before anything is loaded: a file that changes meanwhile is seen to have changed.
        this.watch = settings.directory().map(DropInWatch::new);
    }

    /**
     * Loads and starts the plugins in order; never fails, see {@link #failures}.
     *
     * @param network handed to every plugin; the caller closes it after this host
     */
    public static PluginHost load(PluginSettings settings, LinuxNetwork network) {
        PluginHost host = new PluginHost(settings, new PluginRunner(network, new PrivateCopies()));
        try {
            for (PluginPackage source : new PluginCatalog(host::failed).choose(settings)) {
                LoadedPlugin plugin = host.load(source);
                if (plugin != null) {
                    host.put(plugin);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return host;
    }

    /** The plugins that run, and who stands in for one meanwhile, in the order in which they are called on the way up. */
    public synchronized List<RegisteredPlugin> plugins() {
        List<RegisteredPlugin> plugins =
                new ArrayList<>(loaded.stream().map(LoadedPlugin::registered).toList());
        StandIn kept = standIn;
        if (kept != null) {
            plugins.add(Math.min(kept.place(), plugins.size()), kept.registered());
        }
        return plugins;
    }

    /** The plugins that should run and don't. Each was logged. */
    public synchronized List<PluginFailure> failures() {
        return List.copyOf(failures.values());
    }

    /** What the plugins have to show. Those of one that does not tell its own within 1 s are left out. */
    public List<PluginFigure> figures() {
        List<PluginFigure> figures = new ArrayList<>();
        try {
            for (LoadedPlugin plugin : snapshot()) {
                figures.addAll(runner.figures(plugin));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return figures;
    }

    /**
     * From now on plugins come and go with their files in the drop-in folder.
     *
     * @param changes told of each change
     */
    public void watch(PluginChanges changes) {
        watch.ifPresent(folder -> folder.start(new Reload(changes)));
    }

    /** Stops the plugins in reverse order, each within 5 s; call it after the dispatcher was closed. */
    @Override
    public void close() {
        watch.ifPresent(DropInWatch::close);
        try {
            for (int i = loaded.size() - 1; i >= 0; i--) {
                runner.stop(loaded.get(i));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        loaded.clear();
        runner.close();
    }

    /** The drop-in folder's files, as they change. On the watching thread. */
    private final class Reload implements DropInWatch.Listener {
        private final PluginChanges changes;

        Reload(PluginChanges changes) {
            this.changes = changes;
        }

        @Override
        public void appeared(Path file) throws InterruptedException {
            PluginPackage source;
            try {
                source = PluginPackage.read(file);
            } catch (PluginRefusedException e) {
                failed(file.toString(), String.valueOf(e.getMessage()));
                return;
            }
            for (LoadedPlugin other : snapshot()) {
                if (other.source().path().equals(file) && !other.id().equals(source.id())) {
                    unload(other, "is " + source.id() + " now");
                }
            }
            LoadedPlugin old = find(source.id());
            if (old == null) {
                arrive(source);
            } else if (old.source().path().equals(file)) {
                replace(old, source);
            } else if (settings.isDropIn(old.source().path())) {
                failed(
                        file.toString(),
                        "its Plugin-Id " + source.id() + " is that of "
                                + old.source().path() + " too");
            } else {
                replace(old, source); // a drop-in comes before the built-in of its name
            }
        }

        @Override
        public void disappeared(Path file) throws InterruptedException {
            for (LoadedPlugin plugin : snapshot()) {
                if (plugin.source().path().equals(file)) {
                    unload(plugin, "is gone");
                }
            }
            StandIn left = keptPlace(); // of a replacement that met an error
            if (left != null && left.file().equals(file)) {
                giveUpPlace();
            }
        }

        private void unload(LoadedPlugin plugin, String why) throws InterruptedException {
            retire(plugin);
            runner.stop(plugin);
            log.info("plugin {}: unloaded, {} {}", plugin.id(), plugin.source().path(), why);
            succeed(plugin.id());
        }

        /** The new one's classes and objects are made while the old one still works; then the old one goes. */
        private void replace(LoadedPlugin old, PluginPackage source) throws InterruptedException {
            LoadedPlugin next;
            try {
                next = runner.load(source, true);
            } catch (PluginRefusedException e) {
                failed(source.id(), e.getMessage() + "; the one loaded before goes on");
                return;
            }
            keepPlace(old, source.path());
            retire(old);
            boolean stopped = runner.halt(old);
            try {
                runner.start(next, settings.configuration(next.id()));
                announce(next);
                log.info("plugin {}: reloaded from {}", next.id(), source.path());
            } catch (PluginRefusedException e) {
                failed(source.id(), e.getMessage() + "; the one loaded before is started again");
                if (stopped) {
                    revive(old);
                }
                giveUpPlace();
                return;
            }
            if (stopped) {
                runner.discard(old);
            }
        }

        private void revive(LoadedPlugin old) throws InterruptedException {
            PluginFailure failure = known(old.id());
            try {
                LoadedPlugin again = runner.again(old);
                runner.start(again, settings.configuration(old.id()));
                announce(again);
                noted(failure); // the file in the folder is still a broken one
            } catch (PluginRefusedException e) {
                failed(old.id(), "nor does the one loaded before start again: " + e.getMessage());
            }
        }

        private void retire(LoadedPlugin plugin) throws InterruptedException {
            remove(plugin);
            changes.set(plugins(), Optional.empty());
            changes.awaitIdle(plugin.registered());
        }

        private void announce(LoadedPlugin plugin) throws InterruptedException {
            StandIn left = keptPlace();
            put(plugin);
            changes.set(plugins(), Optional.of(plugin.registered()));
            if (left != null && keptPlace() == null) {
                changes.awaitIdle(left.registered());
            }
        }

        /** Nobody has come to take the place that was kept. */
        private void giveUpPlace() throws InterruptedException {
            StandIn left = keptPlace();
            if (left != null) {
                clearPlace();
                changes.set(plugins(), Optional.empty());
                changes.awaitIdle(left.registered());
            }
        }

        /** Another file of that id, or the built-in, was only waiting for its turn. */
        private void succeed(String id) throws InterruptedException {
            for (PluginPackage source : new PluginCatalog((plugin, reason) -> {}).choose(settings)) {
                if (source.id().equals(id)) {
                    arrive(source);
                }
            }
        }

        private void arrive(PluginPackage source) throws InterruptedException {
            LoadedPlugin plugin = load(source);
            StandIn left = keptPlace();
            if (plugin != null) {
                announce(plugin);
            } else if (left != null && left.registered().id().equals(source.id())) {
                giveUpPlace();
            }
        }
    }

    /** Loads and starts a plugin; null if it cannot be, which is told. */
    private @Nullable LoadedPlugin load(PluginPackage source) throws InterruptedException {
        try {
            LoadedPlugin plugin = runner.load(source, settings.isDropIn(source.path()));
            runner.start(plugin, settings.configuration(source.id()));
            log.info("plugin {}: loaded from {}", source.id(), source.path());
            return plugin;
        } catch (PluginRefusedException e) {
            failed(source.id(), String.valueOf(e.getMessage()));
            return null;
        }
    }

    private synchronized void put(LoadedPlugin plugin) {
        loaded.add(plugin);
        loaded.sort(Comparator.comparingInt((LoadedPlugin one) -> settings.place(one.id()))
                .thenComparing(one -> one.source().path()));
        failures.remove(plugin.id());
        failures.remove(plugin.source().path().toString());
        if (standIn != null && standIn.registered().id().equals(plugin.id())) {
            standIn = null;
        }
    }

    private synchronized void keepPlace(LoadedPlugin plugin, Path replacement) {
        int place = loaded.indexOf(plugin);
        standIn = plugin.registered()
                .standIn()
                .map(registered -> new StandIn(registered, replacement, place))
                .orElse(null);
    }

    private synchronized @Nullable StandIn keptPlace() {
        return standIn;
    }

    private synchronized void clearPlace() {
        standIn = null;
    }

    private synchronized void remove(LoadedPlugin plugin) {
        loaded.remove(plugin);
    }

    private synchronized @Nullable LoadedPlugin find(String id) {
        return loaded.stream()
                .filter(plugin -> plugin.id().equals(id))
                .findFirst()
                .orElse(null);
    }

    private synchronized List<LoadedPlugin> snapshot() {
        return List.copyOf(loaded);
    }

    private synchronized @Nullable PluginFailure known(String plugin) {
        return failures.get(plugin);
    }

    private synchronized void noted(@Nullable PluginFailure failure) {
        if (failure != null) {
            failures.put(failure.plugin(), failure);
        }
    }

    private synchronized void failed(String plugin, String reason) {
        failures.put(plugin, new PluginFailure(plugin, OneLine.of(reason)));
        log.error("plugin {}: not loaded: {}", OneLine.of(plugin), OneLine.of(reason));
    }
}
