// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.bench.load;

import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.tunneldigger.broker.Broker;
import org.tunneldigger.config.AuthorizeFailure;
import org.tunneldigger.config.BrokerConfig;
import org.tunneldigger.config.DatapathSetting;
import org.tunneldigger.config.LogVerbosity;
import org.tunneldigger.datapath.tap.TapDatapath;
import org.tunneldigger.hooks.HookDispatcher;
import org.tunneldigger.hooks.HookLimits;
import org.tunneldigger.loop.EventLoop;
import org.tunneldigger.testing.KernelFixture;

/** A broker with TAP devices and no plugins, on a namespace's loopback. */
final class TapBroker {
    private final KernelFixture namespaces = new KernelFixture();
    private final EventLoop loop = new EventLoop();
    private final HookDispatcher hooks = new HookDispatcher(List.of(), HookLimits.defaults());
    private final Broker broker;
    private final TapDatapath datapath;
    private final Thread thread = new Thread(this::run, "broker");

    private TapBroker(int port, int maxTunnels) throws Exception {
        namespaces.broker("ip", "link", "set", "lo", "up");
        BrokerConfig config = new BrokerConfig(
                new BrokerConfig.Listen(List.of(InetAddress.getLoopbackAddress()), List.of(port), null),
                DatapathSetting.TAP,
                new BrokerConfig.Sessions(maxTunnels, 100, 0),
                new BrokerConfig.Limits(0, 0, 0),
                new BrokerConfig.Hooks(TimeUnit.SECONDS.toNanos(2), 4),
                new BrokerConfig.Plugins(null, List.of(), List.of(), AuthorizeFailure.DENY, Map.of()),
                new BrokerConfig.Log(LogVerbosity.WARNING, true));
        broker = new Broker(config, loop, hooks);
        CompletableFuture<TapDatapath> opened = new CompletableFuture<>();
        namespaces.inBroker(() -> {
            opened.complete(TapDatapath.open());
            broker.bind();
            broker.start(opened.join());
        });
        datapath = opened.join();
    }

    static TapBroker start(int port, int maxTunnels) {
        try {
            TapBroker running = new TapBroker(port, maxTunnels);
            running.thread.start();
            return running;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private void run() {
        try {
            namespaces.inBroker(loop::run);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    Broker broker() {
        return broker;
    }

    TapDatapath datapath() {
        return datapath;
    }

    void inNamespace(KernelFixture.Step step) throws Exception {
        namespaces.inBroker(step);
    }

    /** Asks on the loop's thread, since all broker state is its own. */
    <T> T inLoop(Callable<T> question) throws Exception {
        CompletableFuture<T> answer = new CompletableFuture<>();
        loop.post(() -> {
            try {
                answer.complete(question.call());
            } catch (Exception e) {
                answer.completeExceptionally(e);
            }
        });
        return answer.get(5, TimeUnit.SECONDS);
    }

    void close() throws Exception {
        loop.post(broker::shutdown);
        thread.join(TimeUnit.SECONDS.toMillis(25));
        hooks.close();
        datapath.close();
        loop.close();
        namespaces.close();
    }
}
