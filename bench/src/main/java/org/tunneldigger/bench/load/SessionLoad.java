// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.bench.load;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.tunneldigger.loop.EventLoop;
import org.tunneldigger.protocol.Endpoint;

/**
 * Clients with tunnels, in phases: they come, stay (some leave and others come, or all send data), and leave. One thread, the loop's.
 */
final class SessionLoad implements ClientCrowd.Watcher {
    /** How long after the last client's end the broker's interfaces are waited for. */
    private static final long GONE_LIMIT_NANOS = TimeUnit.SECONDS.toNanos(120);

    /**
     * @param atATime clients that are between their first packet and their tunnel, at most
     * @param holdSeconds how long the tunnels are kept
     * @param churn sessions that end, and others that begin, a second meanwhile
     * @param teardown whether the clients take their leave, or merely vanish
     * @param dataRate packets a second meanwhile through all together, or 0
     * @param frameLength bytes of an Ethernet frame
     */
    record Options(
            int count, int atATime, int holdSeconds, int churn, boolean teardown, int dataRate, int frameLength) {
        static Options ofSessions(Arguments arguments) throws UsageException {
            return new Options(
                    arguments.integer("--count", 1, 1_000_000),
                    arguments.integer("--at-a-time", 1, 1_000_000, 256),
                    arguments.integer("--hold", 0, 86_400, 0),
                    arguments.integer("--churn", 1, 100_000, 0),
                    arguments.flag("--teardown"),
                    0,
                    0);
        }

        static Options ofData(Arguments arguments) throws UsageException {
            return new Options(
                    arguments.integer("--count", 1, 1_000_000),
                    arguments.integer("--at-a-time", 1, 1_000_000, 256),
                    arguments.integer("--seconds", 1, 86_400, 10),
                    0,
                    arguments.flag("--teardown"),
                    arguments.integer("--rate", 1, 10_000_000),
                    arguments.integer("--size", 14, 1500));
        }
    }

    private final Endpoint broker;
    private final Options options;
    private final Figures figures = new Figures();
    private final ClientTally first = new ClientTally("sessions");
    private final ClientTally churned = new ClientTally("churn");
    private final EventLoop loop;
    private final ClientCrowd crowd;
    private @Nullable DataStream data;
    private @Nullable UsageProbe usage;
    private @Nullable IOException failure;
    private long phaseStartNanos;
    private int started;
    private int settled;
    private int usageBefore = -1;
    private boolean starting;
    private boolean holding;
    private boolean leaving;

    SessionLoad(Endpoint broker, Options options) throws IOException {
        this.broker = broker;
        this.options = options;
        this.loop = new EventLoop();
        this.crowd = new ClientCrowd(broker, loop, this);
    }

    Figures run() throws IOException {
        try (loop) {
            if (options.teardown()) {
                usage = new UsageProbe(broker, loop, this::onUsage);
            } else {
                arrive();
            }
            loop.schedule(System.nanoTime() + TimeUnit.SECONDS.toNanos(10), this::giveUpOnSilence);
            loop.run();
            crowd.abandonAll();
            if (failure != null) {
                throw failure;
            }
            first.tellLife(figures);
            if (options.churn() > 0) {
                churned.tellLife(figures);
            }
            return figures;
        }
    }

    private void giveUpOnSilence() {
        if (started == 0) {
            fail(new IOException("the broker at " + broker + " does not answer"));
        }
    }

    private void onUsage(int load) {
        if (usageBefore < 0) {
            usageBefore = load;
            closeUsage();
            arrive();
        } else if (leaving && crowd.isEmpty() && load <= usageBefore) {
            figures.add("teardown-interfaces-gone", secondsOfPhase() * 1000, "ms");
            loop.stop();
        }
    }

    private void arrive() {
        phaseStartNanos = System.nanoTime();
        startMore();
    }

    /** Starts clients, as many as may be on their way at a time. One that fails at once calls this again: not within itself. */
    private void startMore() {
        if (starting) {
            return;
        }
        starting = true;
        while (started < options.count() && started - settled < options.atATime() && failure == null) {
            started++;
            startClient(first);
        }
        starting = false;
        if (settled == options.count() && !holding && !leaving && failure == null) {
            first.tellArrivals(figures, secondsOfPhase());
            hold();
        }
    }

    private void startClient(ClientTally tally) {
        try {
            crowd.startClient(tally);
        } catch (IOException e) {
            fail(e);
        }
    }

    @Override
    public void onUp(LoadClient client) {
        onSettled(client);
        if (leaving) {
            client.leave(); // it came by churn, too late
        }
    }

    @Override
    public void onOver(LoadClient client, boolean wasUp) {
        if (!wasUp) {
            onSettled(client);
        }
        if (leaving && crowd.isEmpty()) {
            onAllTold();
        }
    }

    private void onSettled(LoadClient client) {
        if (client.tally() == first) {
            settled++;
            startMore();
        }
    }

    private void hold() {
        holding = true;
        phaseStartNanos = System.nanoTime();
        if (options.churn() > 0) {
            churn(1);
        }
        if (options.dataRate() > 0) {
            data = new DataStream(loop, crowd.up(), options.dataRate(), options.frameLength());
            data.start();
        }
        loop.schedule(phaseStartNanos + TimeUnit.SECONDS.toNanos(options.holdSeconds()), this::endHold);
    }

    /** The n-th change; those that the loop was late for follow at once. */
    private void churn(long n) {
        loop.schedule(phaseStartNanos + n * TimeUnit.SECONDS.toNanos(1) / options.churn(), () -> {
            if (!holding || failure != null) {
                return;
            }
            LoadClient oldest = crowd.pollOldest();
            if (oldest != null) {
                oldest.leave();
            }
            startClient(churned);
            churn(n + 1);
        });
    }

    private void endHold() {
        holding = false;
        figures.count("sessions-standing", crowd.up().size());
        if (data != null) {
            data.stop();
            data.tell(figures);
        }
        if (options.churn() > 0) {
            churned.tellArrivals(figures, secondsOfPhase());
        }
        if (options.teardown()) {
            leave();
        } else {
            loop.stop();
        }
    }

    private void leave() {
        phaseStartNanos = System.nanoTime();
        leaving = true;
        crowd.up().forEach(LoadClient::leave);
        if (crowd.isEmpty()) {
            onAllTold();
        }
    }

    private void onAllTold() {
        if (usage != null) {
            return;
        }
        figures.add("teardown-all-told", secondsOfPhase() * 1000, "ms");
        loop.schedule(System.nanoTime() + GONE_LIMIT_NANOS, loop::stop);
        try {
            usage = new UsageProbe(broker, loop, this::onUsage);
        } catch (IOException e) {
            fail(e);
        }
    }

    private void closeUsage() {
        if (usage != null) {
            usage.close();
            usage = null;
        }
    }

    private void fail(IOException e) {
        failure = failure == null ? e : failure;
        loop.stop();
    }

    private double secondsOfPhase() {
        return (System.nanoTime() - phaseStartNanos) / 1e9;
    }
}
