// SPDX-License-Identifier: Apache-2.0
/**
 * The plugin js-hooks: hooks written in JavaScript. Each file of a folder runs in a context and on a thread of its own, sees the
 * events as plain values and a narrow part of the machine's network, and is stopped when it takes too long. Called by the broker
 * through the hooks; depends on plugin-api and GraalJS alone. docs/plugins.md has its keys, docs/adr/0010 the reasons.
 */
@NullMarked
package org.tunneldigger.jshooks;

import org.jspecify.annotations.NullMarked;
