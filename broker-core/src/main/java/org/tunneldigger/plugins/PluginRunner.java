// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.plugins;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.pf4j.Extension;
import org.pf4j.PluginState;
import org.pf4j.PluginWrapper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tunneldigger.api.PluginConfiguration;
import org.tunneldigger.api.PluginContext;
import org.tunneldigger.api.PluginLifecycle;
import org.tunneldigger.api.PluginMetrics;
import org.tunneldigger.api.PluginScheduler;
import org.tunneldigger.api.hook.Hook;
import org.tunneldigger.api.net.LinuxNetwork;
import org.tunneldigger.hooks.OneLine;

/**
 * Loads, starts and stops one plugin. Its code runs on threads of its own, within a time, and whatever it throws becomes a
 * {@link PluginRefusedException} with one line to tell. Used by one thread at a time.
 */
final class PluginRunner implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(PluginRunner.class);
    private static final Duration START_DEADLINE = Duration.ofSeconds(30);
    private static final Duration CLOSE_DEADLINE = Duration.ofSeconds(5);
    private static final Duration FIGURES_DEADLINE = Duration.ofSeconds(1);

    private final LinuxNetwork network;
    private final PrivateCopies copies;
    private final Duration startDeadline;

    PluginRunner(LinuxNetwork network, PrivateCopies copies) {
        this(network, copies, START_DEADLINE);
    }

    PluginRunner(LinuxNetwork network, PrivateCopies copies, Duration startDeadline) {
        this.network = network;
        this.copies = copies;
        this.startDeadline = startDeadline;
    }

    private record OwnContext(
            String id,
            PluginConfiguration configuration,
            Logger logger,
            LinuxNetwork network,
            PluginScheduler scheduler,
            PluginMetrics metrics)
            implements PluginContext {}

    /**
     * Loads its classes and makes its objects; nothing is started.
     *
     * @param copied whether the classes are to come from a copy of the file
     */
    LoadedPlugin load(PluginPackage source, boolean copied) throws PluginRefusedException, InterruptedException {
        Path copy =
                copied || source.zip() ? bounded(source.id(), "load", START_DEADLINE, () -> copies.take(source)) : null;
        try {
            return load(source, copy);
        } catch (PluginRefusedException e) {
            if (!e.hanging()) {
                discard(copy);
            }
            throw e;
        }
    }

    /** Makes anew what was halted, from the same classes. */
    LoadedPlugin again(LoadedPlugin halted) throws PluginRefusedException, InterruptedException {
        return load(halted.source(), halted.copy());
    }

    private LoadedPlugin load(PluginPackage source, @Nullable Path copy)
            throws PluginRefusedException, InterruptedException {
        OnePluginManager manager = new OnePluginManager();
        try {
            return bounded(source.id(), "load", START_DEADLINE, () -> loadFrom(source, copy, manager));
        } catch (PluginRefusedException e) {
            if (!e.hanging()) {
                unload(source.id(), manager);
            }
            throw e;
        }
    }

    /** Its figures, none if it does not tell them within 1 s: a gauge is the plugin's own code. From any thread. */
    List<PluginFigure> figures(LoadedPlugin plugin) throws InterruptedException {
        try {
            return bounded(plugin.id(), "figures", FIGURES_DEADLINE, plugin.figures()::snapshot);
        } catch (PluginRefusedException e) {
            log.warn("plugin {}: its figures are left out: {}", plugin.id(), e.getMessage());
            return List.of();
        }
    }

    /** Starts the objects; if that fails they are stopped and unloaded. */
    void start(LoadedPlugin plugin, PluginConfiguration configuration)
            throws PluginRefusedException, InterruptedException {
        PluginContext context = new OwnContext(
                plugin.id(),
                configuration,
                LoggerFactory.getLogger("plugin." + plugin.id()),
                network,
                plugin.clock(),
                plugin.figures());
        try {
            bounded(plugin.id(), "start", startDeadline, () -> {
                for (PluginLifecycle lifecycle : plugin.lifecycles()) {
                    lifecycle.start(context);
                }
                return plugin;
            });
            configuration.warnings().forEach(warning -> log.warn("{}", OneLine.of(warning)));
        } catch (PluginRefusedException e) {
            plugin.clock().close();
            if (!e.hanging()) {
                stop(plugin); // one that hangs still uses its classes
            }
            throw e;
        }
    }

    /** Stops and unloads, within 5 s; never fails. Interrupted, it leaves the plugin to its fate. */
    void stop(LoadedPlugin plugin) throws InterruptedException {
        if (halt(plugin)) {
            discard(plugin);
        }
    }

    /**
     * Stops and unloads, but keeps what the classes were loaded from.
     *
     * @return whether it stopped; if not, its code may still run
     */
    boolean halt(LoadedPlugin plugin) throws InterruptedException {
        plugin.clock().close();
        try {
            bounded(plugin.id(), "stop", CLOSE_DEADLINE, () -> {
                closeAll(plugin);
                return plugin;
            });
            unload(plugin.id(), plugin.manager());
            return true;
        } catch (PluginRefusedException e) {
            log.warn("plugin {}: did not stop cleanly: {}", plugin.id(), e.getMessage());
            return false;
        }
    }

    void discard(LoadedPlugin halted) {
        discard(halted.copy());
    }

    private void discard(@Nullable Path copy) {
        if (copy != null) {
            copies.discard(copy);
        }
    }

    @Override
    public void close() {
        copies.close();
    }

    private static LoadedPlugin loadFrom(PluginPackage source, @Nullable Path copy, OnePluginManager manager)
            throws Exception {
        if (!source.id().equals(manager.loadPlugin(copy != null ? copy : source.path()))) {
            throw new PluginRefusedException("PF4J did not load it");
        }
        PluginWrapper wrapper = manager.getPlugin(source.id());
        if (!wrapper.getDescriptor().getDependencies().isEmpty()) {
            throw new PluginRefusedException(
                    "it depends on other plugins, which is not possible here: put the classes that"
                            + " it shares with them into its own file");
        }
        if (manager.startPlugin(source.id()) != PluginState.STARTED) {
            Throwable cause = wrapper.getFailedException();
            throw new PluginRefusedException(cause == null ? "PF4J did not start it" : OneLine.of(rootOf(cause)));
        }
        List<Object> extensions = new ArrayList<>();
        for (Class<?> type : extensionTypes(source.id(), manager)) {
            extensions.add(type.getDeclaredConstructor().newInstance());
        }
        return LoadedPlugin.of(source, copy, manager, extensions);
    }

    private static List<Class<?>> extensionTypes(String id, OnePluginManager manager) throws Exception {
        List<Class<?>> types = new ArrayList<>();
        for (String name : manager.getExtensionClassNames(id)) {
            Class<?> type = manager.getPluginClassLoader(id).loadClass(name);
            if (Hook.class.isAssignableFrom(type) || PluginLifecycle.class.isAssignableFrom(type)) {
                types.add(type);
            } else {
                log.warn("plugin {}: extension {} is no hook of this broker, ignored", id, name);
            }
        }
        if (types.isEmpty()) {
            throw new PluginRefusedException(
                    "it has no hook; META-INF/extensions.idx names the classes with @Extension,"
                            + " and is written when pf4j is an annotation processor of the build");
        }
        types.sort(Comparator.<Class<?>>comparingInt(PluginRunner::ordinal).thenComparing(Class::getName));
        return types;
    }

    private static int ordinal(Class<?> type) {
        Extension extension = type.getAnnotation(Extension.class);
        return extension == null ? 0 : extension.ordinal();
    }

    private static void closeAll(LoadedPlugin plugin) {
        for (int i = plugin.lifecycles().size() - 1; i >= 0; i--) {
            try {
                plugin.lifecycles().get(i).close();
            } catch (Throwable thrown) {
                log.warn("plugin {}: close failed: {}", plugin.id(), OneLine.of(thrown));
                log.debug("plugin {}", plugin.id(), thrown);
            }
        }
    }

    private static void unload(String id, OnePluginManager manager) throws InterruptedException {
        try {
            bounded(id, "unload", CLOSE_DEADLINE, () -> {
                if (manager.getPlugin(id) != null) {
                    stopAndUnload(id, manager);
                }
                return id;
            });
        } catch (PluginRefusedException e) {
            log.warn("plugin {}: did not stop cleanly: {}", id, e.getMessage());
        }
    }

    /** PF4J's stop throws what the plugin's own throws; its classes go all the same. */
    private static void stopAndUnload(String id, OnePluginManager manager) throws IOException {
        ClassLoader classes = manager.getPluginClassLoader(id);
        try {
            manager.stopPlugin(id);
            manager.unloadPlugin(id);
        } finally {
            if (classes instanceof Closeable open) {
                open.close();
            }
        }
    }

    private static <T> T bounded(String id, String what, Duration deadline, Callable<T> code)
            throws PluginRefusedException, InterruptedException {
        try {
            return Objects.requireNonNull(BoundedCall.run("plugin-" + what + "-" + id, deadline, code));
        } catch (TimeoutException e) {
            throw PluginRefusedException.hangingIn(what);
        } catch (ExecutionException e) {
            throw new PluginRefusedException(reason(e));
        }
    }

    private static String reason(ExecutionException e) {
        try {
            Throwable cause = rootOf(e);
            log.debug("", cause);
            return cause instanceof PluginRefusedException || cause instanceof IllegalArgumentException
                    ? OneLine.of(String.valueOf(cause.getMessage()))
                    : OneLine.of(cause);
        } catch (Throwable fromItsOwnMethods) {
            return "it threw something that cannot even be printed";
        }
    }

    private static Throwable rootOf(Throwable thrown) {
        Throwable root = thrown;
        for (int depth = 0; depth < 20 && root.getCause() != null; depth++) {
            root = root.getCause();
        }
        return root;
    }
}
