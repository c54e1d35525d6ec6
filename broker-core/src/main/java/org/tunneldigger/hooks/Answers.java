// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.hooks;

import org.jspecify.annotations.Nullable;
import org.tunneldigger.api.event.AccessDecision;
import org.tunneldigger.api.event.SessionProfile;

/**
 * What plugins have said about one request. What a hook says after it was given up comes too late: the verdict stands.
 * Safe for all threads.
 */
final class Answers {
    private Verdict.@Nullable Denied denial;
    private @Nullable String missing;
    private SessionProfile profile = SessionProfile.none();
    private boolean closed;

    synchronized void add(PluginRecord plugin, @Nullable AccessDecision decision) {
        if (decision == null) {
            throw new NullPointerException("authorize returned null");
        }
        if (!closed && decision instanceof AccessDecision.Deny deny && denial == null) {
            denial = new Verdict.Denied(plugin.id(), OneLine.of(String.valueOf(deny.reason())));
        }
    }

    synchronized void add(@Nullable SessionProfile told) {
        if (told == null) {
            throw new NullPointerException("profile returned null");
        }
        if (!closed) {
            profile = profile.orElse(told);
        }
    }

    synchronized void missing(PluginRecord plugin) {
        if (missing == null) {
            missing = plugin.id();
        }
    }

    synchronized boolean denied() {
        return denial != null;
    }

    /**
     * The verdict on what was said until now.
     *
     * @param failOpen whether a plugin that did not answer counts as one that allows
     */
    synchronized Verdict verdict(boolean failOpen) {
        if (denial != null) {
            return denial;
        }
        if (missing != null && !failOpen) {
            return new Verdict.Denied(missing, "it did not answer, and authorize_failure is deny");
        }
        return new Verdict.Allowed(profile);
    }

    /** Takes no further answer. */
    synchronized void close() {
        closed = true;
    }
}
