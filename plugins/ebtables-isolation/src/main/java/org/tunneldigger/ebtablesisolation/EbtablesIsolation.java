// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.ebtablesisolation;

import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.pf4j.Extension;
import org.slf4j.Logger;
import org.tunneldigger.api.PluginContext;
import org.tunneldigger.api.PluginLifecycle;
import org.tunneldigger.api.event.SessionDown;
import org.tunneldigger.api.event.SessionMtuChanged;
import org.tunneldigger.api.event.SessionUp;
import org.tunneldigger.api.hook.SessionDownHook;
import org.tunneldigger.api.hook.SessionMtuChangedHook;
import org.tunneldigger.api.hook.SessionUpHook;

/** Keeps each session's interface from reaching the others', in the configured {@link IsolationMode}. */
@Extension
public final class EbtablesIsolation implements PluginLifecycle, SessionUpHook, SessionMtuChangedHook, SessionDownHook {
    private static final Duration TABLE_CHECK_INTERVAL = Duration.ofSeconds(5);

    private final AtomicBoolean warned = new AtomicBoolean();
    private volatile @Nullable Running running;

    private record Running(Logger logger, IsolationSettings settings, Isolation isolation) {}

    /** @throws IOException if the mode does not work here */
    @Override
    public void start(PluginContext context) throws Exception {
        IsolationSettings settings = context.configuration().read(IsolationSettings::read);
        Isolation isolation = isolation(settings.mode(), settings, context);
        try {
            isolation.probe();
        } catch (IOException e) {
            throw new IOException(
                    "mode " + settings.mode().word() + " does not work here: " + e.getMessage() + "; "
                            + alternatives(settings, context),
                    e);
        }
        running = new Running(context.logger(), settings, isolation);
        isolation.start();
        if (isolation instanceof NftablesIsolation nftables) {
            context.scheduler().every(TABLE_CHECK_INTERVAL, nftables::restoreIfGone);
        }
    }

    private static Isolation isolation(IsolationMode mode, IsolationSettings settings, PluginContext context) {
        return switch (mode) {
            case PORT -> new PortIsolation(context.network(), settings.uplinks());
            case NFTABLES ->
                new NftablesIsolation(context.network().packetFilter(), settings.table(), context.logger());
            case EBTABLES -> new EbtablesRules(context.network(), settings);
        };
    }

    private static String alternatives(IsolationSettings settings, PluginContext context) {
        List<String> working = Arrays.stream(IsolationMode.values())
                .filter(mode -> mode != settings.mode() && works(isolation(mode, settings, context)))
                .map(IsolationMode::word)
                .toList();
        return working.isEmpty() ? "nor does any other" : "what does: " + String.join(", ", working);
    }

    private static boolean works(Isolation isolation) {
        try {
            isolation.probe();
            return true;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Override
    public void onSessionUp(SessionUp event) throws Exception {
        isolate(event.session().interfaceName());
    }

    @Override
    public void onMtuChanged(SessionMtuChanged event) throws Exception {
        isolate(event.session().interfaceName());
    }

    @Override
    public void onSessionDown(SessionDown event) throws Exception {
        started().isolation().release(event.session().interfaceName());
    }

    private void isolate(String port) throws Exception {
        Running current = started();
        if (current.settings().uplinks().contains(port)) {
            return;
        }
        if (current.isolation().isolate(port)) {
            current.logger().debug("{} is isolated", port);
        } else if (warned.compareAndSet(false, true)) {
            current.logger()
                    .warn(
                            "{} is in no bridge, so it is not isolated; in [plugins] enabled, name this plugin after the"
                                    + " one that does the bridging (said once)",
                            port);
        } else {
            current.logger().debug("{} is in no bridge", port);
        }
    }

    private Running started() {
        Running current = running;
        if (current == null) {
            throw new IllegalStateException("not started");
        }
        return current;
    }

    /** Leaves no rule behind, also after a start that failed halfway. */
    @Override
    public void close() throws Exception {
        Running current = running;
        if (current != null) {
            current.isolation().stop();
        }
    }
}
