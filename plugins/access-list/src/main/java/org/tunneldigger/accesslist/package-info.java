// SPDX-License-Identifier: Apache-2.0
/**
 * The plugin access-list: refuses clients by files of uuids, addresses and prefixes, before anything exists for them. The
 * files are read again when they change; what decides is an immutable snapshot, swapped as a whole.
 *
 * <p>Called by the broker through session.authorize; depends on plugin-api alone, and never touches the kernel.
 */
@NullMarked
package org.tunneldigger.accesslist;

import org.jspecify.annotations.NullMarked;
