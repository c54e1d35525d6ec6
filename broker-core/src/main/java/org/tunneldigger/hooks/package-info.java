// SPDX-License-Identifier: Apache-2.0
/**
 * Delivers the broker's events to the plugins' hooks: one ordered lane per session, a bounded pool of workers, a deadline
 * for every call, an outcome for every call. Called by the event loop, which never waits for it; calls plugins and the
 * {@code done} callbacks on threads of its own. Knows nothing of sockets, sessions' states or how plugins are loaded.
 */
@NullMarked
package org.tunneldigger.hooks;

import org.jspecify.annotations.NullMarked;
