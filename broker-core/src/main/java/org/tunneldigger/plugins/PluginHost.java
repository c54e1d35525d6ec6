// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.plugins;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.logging.Level;
import org.pf4j.Extension;
import org.pf4j.PluginState;
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
import org.tunneldigger.hooks.RegisteredPlugin;

/**
 * The loaded plugins. Whatever one of them does while it is loaded, started or stopped (throw, run into a LinkageError,
 * not return) costs itself alone and one log line.
 *
 * <p>Used by one thread, that of main.
 */
public final class PluginHost implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(PluginHost.class);
    private static final Duration START_DEADLINE = Duration.ofSeconds(30);
    private static final Duration CLOSE_DEADLINE = Duration.ofSeconds(5);

    /** Held here because java.util.logging forgets the level of a logger that nobody holds. */
    private static final java.util.logging.Logger PF4J_LOG = java.util.logging.Logger.getLogger("org.pf4j");

    /** PF4J's manager logs with a stack trace what is reported here in one line. */
    private static final java.util.logging.Logger PF4J_MANAGER_LOG =
            java.util.logging.Logger.getLogger("org.pf4j.AbstractPluginManager");

    private final PluginSettings settings;
    private final LinuxNetwork network;
    private final JarPluginManager manager;
    private final List<LoadedPlugin> loaded = new ArrayList<>();
    private final List<PluginFailure> failures = new ArrayList<>();

    private PluginHost(PluginSettings settings, LinuxNetwork network) {
        PF4J_LOG.setLevel(Level.WARNING);
        PF4J_MANAGER_LOG.setLevel(Level.OFF);
        this.settings = settings;
        this.network = network;
        this.manager = new JarPluginManager();
    }

    /**
     * Loads and starts the plugins in order; never fails, see {@link #failures}.
     *
     * @param network handed to every plugin; the caller closes it after this host
     */
    public static PluginHost load(PluginSettings settings, LinuxNetwork network) {
        PluginHost host = new PluginHost(settings, network);
        for (PluginJar jar : new PluginCatalog(host::failed).choose(settings)) {
            host.loadOne(jar);
        }
        return host;
    }

    /** The plugins that run, in the order in which they are called on the way up. */
    public List<RegisteredPlugin> plugins() {
        return loaded.stream().map(LoadedPlugin::registered).toList();
    }

    /** The plugins that should run and don't. Each was logged. */
    public List<PluginFailure> failures() {
        return List.copyOf(failures);
    }

    /** Stops the plugins in reverse order, each within 5 s; call it after the dispatcher was closed. */
    @Override
    public void close() {
        for (int i = loaded.size() - 1; i >= 0; i--) {
            stop(loaded.get(i));
        }
        loaded.clear();
    }

    private void loadOne(PluginJar jar) {
        LoadedPlugin plugin = new LoadedPlugin(jar.id(), new ArrayList<>());
        try {
            bounded(jar.id(), "start", START_DEADLINE, () -> {
                start(jar, plugin);
                return null;
            });
            loaded.add(plugin);
            log.info("plugin {}: loaded from {}", jar.id(), jar.path());
        } catch (Exception e) {
            failed(jar.id(), reason(e));
            if (!(e instanceof TimeoutException)) {
                stop(plugin); // one that hangs still uses its classes
            }
        }
    }

    private void start(PluginJar jar, LoadedPlugin plugin) throws Exception {
        if (!jar.id().equals(manager.loadPlugin(jar.path()))) {
            throw new PluginRefusedException("PF4J did not load it");
        }
        if (manager.startPlugin(jar.id()) != PluginState.STARTED) {
            Throwable cause = manager.getPlugin(jar.id()).getFailedException();
            throw new PluginRefusedException(
                    cause == null ? "a plugin that it depends on is missing" : OneLine.of(rootOf(cause)));
        }
        for (Class<?> type : extensionTypes(jar.id())) {
            plugin.extensions().add(type.getDeclaredConstructor().newInstance());
        }
        PluginFigures figures = new PluginFigures(jar.id());
        PluginClock clock = new PluginClock(jar.id(), manager.getPluginClassLoader(jar.id()), figures);
        PluginContext context = new OwnContext(
                jar.id(),
                PluginConfiguration.of("plugin." + jar.id(), settings.sections().getOrDefault(jar.id(), Map.of())),
                LoggerFactory.getLogger("plugin." + jar.id()),
                network,
                clock,
                figures);
        for (PluginLifecycle lifecycle : plugin.lifecycles()) {
            lifecycle.start(context);
        }
    }

    private List<Class<?>> extensionTypes(String id) throws Exception {
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
        types.sort(Comparator.<Class<?>>comparingInt(PluginHost::ordinal).thenComparing(Class::getName));
        return types;
    }

    private static int ordinal(Class<?> type) {
        Extension extension = type.getAnnotation(Extension.class);
        return extension == null ? 0 : extension.ordinal();
    }

    private void stop(LoadedPlugin plugin) {
        try {
            bounded(plugin.id(), "stop", CLOSE_DEADLINE, () -> {
                closeAll(plugin);
                // Id by id: PF4J's stopPlugins() leaves the others running when one throws.
                if (manager.getPlugin(plugin.id()) != null) {
                    manager.stopPlugin(plugin.id());
                    manager.unloadPlugin(plugin.id());
                }
                return null;
            });
        } catch (Exception e) {
            log.warn("plugin {}: did not stop cleanly: {}", plugin.id(), reason(e));
        }
    }

    private static void closeAll(LoadedPlugin plugin) {
        for (PluginLifecycle lifecycle : plugin.lifecycles()) {
            try {
                lifecycle.close();
            } catch (Throwable thrown) {
                log.warn("plugin {}: close failed: {}", plugin.id(), OneLine.of(thrown));
                log.debug("plugin {}", plugin.id(), thrown);
            }
        }
    }

    private void failed(String plugin, String reason) {
        failures.add(new PluginFailure(plugin, OneLine.of(reason)));
        log.error("plugin {}: not loaded: {}", OneLine.of(plugin), OneLine.of(reason));
    }

    private static <T> void bounded(String id, String what, Duration deadline, Callable<T> code) throws Exception {
        BoundedCall.run("plugin-" + what + "-" + id, deadline, code);
    }

    private static String reason(Exception e) {
        if (e instanceof TimeoutException) {
            return "it did not return in time";
        }
        try {
            Throwable cause = e instanceof ExecutionException ? rootOf(e) : e;
            return cause instanceof PluginRefusedException ? String.valueOf(cause.getMessage()) : OneLine.of(cause);
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

    private record OwnContext(
            String id,
            PluginConfiguration configuration,
            Logger logger,
            LinuxNetwork network,
            PluginScheduler scheduler,
            PluginMetrics metrics)
            implements PluginContext {}
}
