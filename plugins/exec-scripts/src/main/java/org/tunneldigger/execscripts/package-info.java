// SPDX-License-Identifier: Apache-2.0
/**
 * The plugin exec-scripts: runs the scripts of the {@code [hooks]} section, with the arguments that they always had
 * (docs/protocol.md, hook arguments). Called by the broker through the hooks; depends on plugin-api alone. It never uses a
 * shell, and no script outlives its time limit.
 */
@NullMarked
package org.tunneldigger.execscripts;

import org.jspecify.annotations.NullMarked;
