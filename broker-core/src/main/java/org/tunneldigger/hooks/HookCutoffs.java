// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.hooks;

/**
 * When the hooks of each kind must be over because the broker stops, as values of {@link System#nanoTime}.
 *
 * @param othersByNanos session.authorize, session.profile, session.up, session.mtu-changed, broker.connection-rate-limit
 * @param preDownByNanos session.pre-down
 * @param downByNanos session.down
 */
record HookCutoffs(long othersByNanos, long preDownByNanos, long downByNanos) {

    long byNanos(HookKind kind) {
        return switch (kind) {
            case SESSION_AUTHORIZE, SESSION_PROFILE, SESSION_UP, SESSION_MTU_CHANGED, CONNECTION_RATE_LIMIT ->
                othersByNanos;
            case SESSION_PRE_DOWN -> preDownByNanos;
            case SESSION_DOWN -> downByNanos;
        };
    }
}
