// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.api.event;

/** Whether a client gets its tunnel: what a {@link org.tunneldigger.api.hook.SessionAuthorizeHook} answers. */
public sealed interface AccessDecision {
    /** Nothing against it, as far as this plugin is concerned. */
    static AccessDecision allow() {
        return Allow.INSTANCE;
    }

    /** @param reason as in {@link Deny} */
    static AccessDecision deny(String reason) {
        return new Deny(reason);
    }

    /** The client gets its tunnel, unless another plugin denies it. */
    enum Allow implements AccessDecision {
        INSTANCE
    }

    /**
     * The client is refused.
     *
     * @param reason for the broker's log, in a few words; the client is not told
     */
    record Deny(String reason) implements AccessDecision {}
}
