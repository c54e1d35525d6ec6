// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.main;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tunneldigger.api.PluginConfiguration;
import org.tunneldigger.broker.Broker;
import org.tunneldigger.config.BrokerConfig;
import org.tunneldigger.datapath.ChosenDatapath;
import org.tunneldigger.datapath.DatapathChoice;
import org.tunneldigger.datapath.Datapaths;
import org.tunneldigger.hooks.HookDispatcher;
import org.tunneldigger.hooks.HookLimits;
import org.tunneldigger.hooks.RegisteredPlugin;
import org.tunneldigger.loop.EventLoop;
import org.tunneldigger.nativeio.Interfaces;
import org.tunneldigger.network.NetlinkNetwork;
import org.tunneldigger.plugins.PluginChanges;
import org.tunneldigger.plugins.PluginFigure;
import org.tunneldigger.plugins.PluginHost;
import org.tunneldigger.plugins.PluginSettings;
import org.tunneldigger.protocol.Endpoint;
import sun.misc.Signal;

/**
 * A running broker: made in the order plugins, ports, datapath, so that a fault in one leaves what comes after it
 * untouched, and taken apart in reverse.
 */
final class Service implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Service.class);

    /** Closed from the last to the first. */
    private final Deque<AutoCloseable> parts = new ArrayDeque<>();

    private final EventLoop loop;
    private final Broker broker;
    private final PluginHost plugins;

    private Service(BrokerConfig config) throws IOException {
        try {
            NetlinkNetwork network = own(new NetlinkNetwork());
            plugins = own(PluginHost.load(pluginSettings(config.plugins()), network));
            checkMandatory(config.plugins().mandatory(), plugins);
            HookDispatcher hooks = own(new HookDispatcher(plugins.plugins(), hookLimits(config.hooks())));
            loop = own(new EventLoop());
            broker = new Broker(config, loop, hooks);
            stopOnSignals(); // before "ready": whoever waits for that line may send a signal at once
            broker.bind();
            ChosenDatapath chosen =
                    Datapaths.choose(DatapathChoice.valueOf(config.datapath().name()));
            own(chosen.datapath());
            broker.start(chosen.datapath());
            plugins.watch(pluginChanges(
                    hooks, Duration.ofNanos(config.hooks().timeoutNanos()).plusSeconds(2)));
            log.info(
                    "ready: datapath {} ({}), listening on {}",
                    chosen.datapath().kind(),
                    chosen.reason(),
                    broker.endpoints().stream().map(Endpoint::toString).collect(Collectors.joining(", ")));
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    /**
     * Starts to serve, but for the loop: that is {@link #run}.
     *
     * @throws IOException with what is missing; everything that was taken is given back
     */
    static Service start(BrokerConfig config) throws IOException {
        String interfaceName = config.listen().interfaceName();
        if (interfaceName != null && Interfaces.indexOf(interfaceName) == 0) {
            throw new IOException("there is no interface " + interfaceName
                    + "; see [broker] interface in the configuration, and `ip link` for those that there are");
        }
        return new Service(config);
    }

    /** SIGTERM and SIGINT end the sessions in order; a second one cuts running hooks off. One before {@link #run} ends that at once. */
    private void stopOnSignals() {
        for (String name : List.of("TERM", "INT")) {
            Signal.handle(new Signal(name), signal -> loop.post(broker::shutdown));
        }
    }

    /** Serves until the broker has stopped; the calling thread is the loop's. */
    void run() throws IOException {
        loop.run();
        String figures = plugins.figures().stream()
                .filter(figure -> figure.value() != 0)
                .map(PluginFigure::toString)
                .collect(Collectors.joining(", "));
        if (!figures.isEmpty()) {
            log.info("figures of the plugins: {}", figures);
        }
    }

    private <T extends AutoCloseable> T own(T part) {
        parts.addFirst(part);
        return part;
    }

    private static PluginSettings pluginSettings(BrokerConfig.Plugins plugins) {
        Map<String, PluginConfiguration> sections = new HashMap<>();
        plugins.sections()
                .forEach((id, section) ->
                        sections.put(id, PluginConfiguration.of("plugin." + id, section.values(), section.lines())));
        return new PluginSettings(
                PluginSettings.findBuiltIns(), Optional.ofNullable(plugins.directory()), plugins.enabled(), sections);
    }

    private static void checkMandatory(List<String> mandatory, PluginHost plugins) throws IOException {
        Set<String> running =
                plugins.plugins().stream().map(RegisteredPlugin::id).collect(Collectors.toSet());
        List<String> missing =
                mandatory.stream().filter(id -> !running.contains(id)).toList();
        if (!missing.isEmpty()) {
            throw new IOException("plugins that 'mandatory' in [plugins] names don't run: " + String.join(", ", missing)
                    + "; see the lines above");
        }
    }

    /** Plugins that come and go with their files, in step with the loop. */
    private PluginChanges pluginChanges(HookDispatcher hooks, Duration patience) {
        return new PluginChanges() {
            @Override
            public void set(List<RegisteredPlugin> plugins, Optional<RegisteredPlugin> arrived)
                    throws InterruptedException {
                CountDownLatch inForce = new CountDownLatch(1);
                loop.post(() -> {
                    broker.setPlugins(plugins, arrived);
                    inForce.countDown();
                });
                inForce.await();
            }

            @Override
            public void awaitIdle(RegisteredPlugin gone) throws InterruptedException {
                if (!hooks.awaitIdle(gone, patience)) {
                    log.warn("plugin {}: a hook call of it has not returned; it is unloaded all the same", gone.id());
                }
            }
        };
    }

    private static HookLimits hookLimits(BrokerConfig.Hooks hooks) {
        return HookLimits.defaults()
                .withDeadline(Duration.ofNanos(hooks.timeoutNanos()))
                .withWorkers(hooks.concurrency());
    }

    @Override
    public void close() {
        for (AutoCloseable part : parts) {
            try {
                part.close();
            } catch (Exception e) {
                log.warn("while stopping: {}", e.toString());
            }
        }
        parts.clear();
    }
}
