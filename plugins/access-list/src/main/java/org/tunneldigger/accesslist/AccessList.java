// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.accesslist;

import java.net.InetAddress;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pf4j.Extension;
import org.slf4j.Logger;
import org.tunneldigger.api.ConfigurationException;
import org.tunneldigger.api.PluginContext;
import org.tunneldigger.api.PluginLifecycle;
import org.tunneldigger.api.PluginMetrics;
import org.tunneldigger.api.event.AccessDecision;
import org.tunneldigger.api.event.SessionRequest;
import org.tunneldigger.api.hook.SessionAuthorizeHook;
import org.tunneldigger.api.net.PrefixSet;

/** Decides by the files of {@code allow} and {@code deny}; deny goes before allow. */
@Extension
public final class AccessList implements PluginLifecycle, SessionAuthorizeHook {
    private static final int MOST_LOGGED = 1000;
    private static final Entries NOBODY = new Entries(Set.of(), PrefixSet.of(Set.of()));

    private volatile @Nullable Running running;

    /** Both lists as they are at one moment. */
    private record Lists(Entries allow, Entries deny) {}

    private static final class Running {
        final Logger logger;
        final AccessSettings settings;
        final Optional<ListFile> allow;
        final Optional<ListFile> deny;
        final RefusalLog refusals;
        final PluginMetrics.Counter refused;
        final PluginMetrics.Counter reloads;
        final PluginMetrics.Counter failedReloads;
        volatile Lists lists = new Lists(NOBODY, NOBODY);

        Running(PluginContext context, AccessSettings settings) {
            this.settings = settings;
            logger = context.logger();
            allow = settings.allow().map(ListFile::new);
            deny = settings.deny().map(ListFile::new);
            refusals = new RefusalLog(logger, settings.logInterval());
            refused = context.metrics().counter("refused", "Requests for a tunnel that a list refused.");
            reloads = context.metrics().counter("reloads", "Changed lists that were read.");
            failedReloads = context.metrics().counter("failed_reloads", "Changed lists that could not be used.");
            context.metrics()
                    .gauge(
                            "allow_entries",
                            "Entries of the allow list.",
                            () -> lists.allow().size());
            context.metrics()
                    .gauge(
                            "deny_entries",
                            "Entries of the deny list.",
                            () -> lists.deny().size());
        }
    }

    /** @throws ConfigurationException if a key is wrong, or a file is missing or has a bad line */
    @Override
    public void start(PluginContext context) {
        AccessSettings settings = context.configuration().read(AccessSettings::read);
        Running started = new Running(context, settings);
        Entries allow = first(started, started.allow);
        Entries deny = first(started, started.deny);
        started.lists = new Lists(allow, deny);
        running = started;
        started.logger.info("{} entries allow, {} deny", allow.size(), deny.size());
        context.scheduler().every(settings.checkInterval(), () -> reload(started));
    }

    private static Entries first(Running started, Optional<ListFile> file) {
        ListFile.Look look = file.map(ListFile::look).orElse(ListFile.Unchanged.INSTANCE);
        if (look instanceof ListFile.Changed changed) {
            return changed.entries();
        }
        if (look instanceof ListFile.Bad bad) {
            log(started, bad);
            throw new ConfigurationException(
                    bad.problems().subList(0, Math.min(3, bad.problems().size())));
        }
        return NOBODY;
    }

    private static void reload(Running current) {
        Lists before = current.lists;
        Entries allow = again(current, current.allow, before.allow());
        Entries deny = again(current, current.deny, before.deny());
        current.lists = new Lists(allow, deny);
    }

    private static Entries again(Running current, Optional<ListFile> file, Entries before) {
        if (file.isEmpty()) {
            return before;
        }
        Path path = file.get().path();
        ListFile.Look look = file.get().look();
        if (look instanceof ListFile.Changed changed) {
            current.reloads.increment();
            current.logger.info(
                    "{} read again: {} entries", path, changed.entries().size());
            return changed.entries();
        }
        if (look instanceof ListFile.Bad bad) {
            current.failedReloads.increment();
            log(current, bad);
            current.logger.error("{} is not used; the {} entries from before stay in force", path, before.size());
        }
        return before;
    }

    private static void log(Running current, ListFile.Bad bad) {
        bad.problems().stream().limit(MOST_LOGGED).forEach(problem -> current.logger.error("{}", problem));
        if (bad.problems().size() > MOST_LOGGED) {
            current.logger.error("and {} more", bad.problems().size() - MOST_LOGGED);
        }
    }

    @Override
    public AccessDecision authorize(SessionRequest request) {
        Running current = running;
        if (current == null) {
            throw new IllegalStateException("not started");
        }
        InetAddress address = request.remote().getAddress();
        Optional<String> refusal = refusal(current, request.uuid(), address);
        if (refusal.isEmpty()) {
            return AccessDecision.allow();
        }
        current.refused.increment();
        current.refusals.refused(request.uuid(), address, refusal.get(), System.nanoTime());
        return AccessDecision.deny(refusal.get());
    }

    private static Optional<String> refusal(Running current, String uuid, InetAddress address) {
        Lists lists = current.lists;
        Optional<String> denied = lists.deny().find(uuid, address);
        if (denied.isPresent()) {
            return Optional.of("the deny list has " + denied.get());
        }
        boolean byDefault = current.settings.others() == AccessSettings.Others.ALLOW;
        if (byDefault || lists.allow().find(uuid, address).isPresent()) {
            return Optional.empty();
        }
        return Optional.of(current.allow.isPresent() ? "not on the allow list" : "on no list");
    }
}
