// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.broker;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.tunneldigger.api.hook.Hook;
import org.tunneldigger.config.AuthorizeFailure;
import org.tunneldigger.config.BrokerConfig;
import org.tunneldigger.config.DatapathSetting;
import org.tunneldigger.config.LogVerbosity;
import org.tunneldigger.hooks.HookDispatcher;
import org.tunneldigger.hooks.HookLimits;
import org.tunneldigger.hooks.RegisteredPlugin;
import org.tunneldigger.loop.EventLoop;
import org.tunneldigger.protocol.Endpoint;

/** The broker with real sockets on loopback and a real loop, on a datapath that only takes notes. */
final class RunningBroker implements AutoCloseable {
    /** What a test may choose. */
    record Choices(
            List<String> addresses,
            int maxTunnels,
            int fixedPmtu,
            BrokerConfig.Limits limits,
            AuthorizeFailure authorizeFailure,
            List<Hook> hooks,
            HookLimits hookLimits) {
        static Choices defaults() {
            return new Choices(
                    List.of("127.0.0.1"),
                    10,
                    0,
                    new BrokerConfig.Limits(0, 0, 0),
                    AuthorizeFailure.DENY,
                    List.of(),
                    HookLimits.defaults().withDeadline(Duration.ofSeconds(2)));
        }

        Choices withAddresses(String... list) {
            return new Choices(List.of(list), maxTunnels, fixedPmtu, limits, authorizeFailure, hooks, hookLimits);
        }

        Choices withMaxTunnels(int count) {
            return new Choices(addresses, count, fixedPmtu, limits, authorizeFailure, hooks, hookLimits);
        }

        Choices withFixedPmtu(int mtu) {
            return new Choices(addresses, maxTunnels, mtu, limits, authorizeFailure, hooks, hookLimits);
        }

        Choices withLimits(BrokerConfig.Limits some) {
            return new Choices(addresses, maxTunnels, fixedPmtu, some, authorizeFailure, hooks, hookLimits);
        }

        Choices withAuthorizeFailure(AuthorizeFailure what) {
            return new Choices(addresses, maxTunnels, fixedPmtu, limits, what, hooks, hookLimits);
        }

        Choices withHooks(Hook... some) {
            return new Choices(addresses, maxTunnels, fixedPmtu, limits, authorizeFailure, List.of(some), hookLimits);
        }

        Choices withHookLimits(HookLimits some) {
            return new Choices(addresses, maxTunnels, fixedPmtu, limits, authorizeFailure, hooks, some);
        }
    }

    final RecordingDatapath datapath = new RecordingDatapath();
    final Broker broker;
    private final EventLoop loop;
    private final HookDispatcher hooks;
    private final Thread thread;

    RunningBroker(Choices choices) throws Exception {
        List<InetAddress> addresses =
                choices.addresses().stream().map(RunningBroker::address).toList();
        // Port 0 twice would give two ports; one is enough for everything that is asked here.
        int port = freePort();
        BrokerConfig config = new BrokerConfig(
                new BrokerConfig.Listen(addresses, List.of(port), null),
                DatapathSetting.TAP,
                new BrokerConfig.Sessions(choices.maxTunnels(), 100, choices.fixedPmtu()),
                choices.limits(),
                new BrokerConfig.Hooks(TimeUnit.SECONDS.toNanos(2), 4),
                new BrokerConfig.Plugins(null, List.of(), List.of(), choices.authorizeFailure(), Map.of()),
                new BrokerConfig.Log(LogVerbosity.DEBUG, true));
        loop = new EventLoop();
        hooks = new HookDispatcher(
                choices.hooks().isEmpty() ? List.of() : List.of(new RegisteredPlugin("test", choices.hooks())),
                choices.hookLimits());
        broker = new Broker(config, loop, hooks);
        broker.bind();
        broker.start(datapath);
        thread = new Thread(this::run, "loop");
        thread.start();
    }

    private void run() {
        try {
            loop.run();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static InetAddress address(String text) {
        try {
            return InetAddress.getByName(text);
        } catch (IOException e) {
            throw new IllegalArgumentException(text, e);
        }
    }

    private static int freePort() throws IOException {
        try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    Endpoint endpoint() {
        return broker.endpoints().get(0);
    }

    /** Runs on the loop's thread, since all broker state is its own. */
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

    void shutdown() {
        loop.post(broker::shutdown);
    }

    boolean stopped() {
        return !thread.isAlive();
    }

    static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("waited 10 s in vain for: " + what);
            }
            Thread.sleep(5);
        }
    }

    @Override
    public void close() throws Exception {
        shutdown();
        thread.join(TimeUnit.SECONDS.toMillis(25));
        hooks.close();
        loop.close();
    }
}
