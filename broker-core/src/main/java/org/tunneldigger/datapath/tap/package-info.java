// SPDX-License-Identifier: Apache-2.0
/**
 * The datapath of this process: a TAP device for each tunnel, frames wrapped as the kernel's L2TPv3 would (docs/protocol.md), so
 * that either end may be of either kind. Called by the broker through {@link org.tunneldigger.datapath.Datapath}; it knows nothing
 * of the other datapath.
 */
@NullMarked
package org.tunneldigger.datapath.tap;

import org.jspecify.annotations.NullMarked;
