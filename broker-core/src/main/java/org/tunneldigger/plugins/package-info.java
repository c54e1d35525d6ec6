// SPDX-License-Identifier: Apache-2.0
/**
 * Finds, loads, starts and stops plugin jars; the only package of the broker that knows PF4J's plugin manager. Called by
 * main, before the broker binds its port and after its last hook call; hands the hooks to
 * {@link org.tunneldigger.hooks.HookDispatcher}. A plugin that fails in any way costs itself alone. Knows nothing of
 * events, sessions or configuration files.
 */
@NullMarked
package org.tunneldigger.plugins;

import org.jspecify.annotations.NullMarked;
