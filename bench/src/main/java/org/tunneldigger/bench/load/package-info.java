// SPDX-License-Identifier: Apache-2.0
/**
 * The load generator: many clients of the protocol in one process, without interfaces. Started by {@code bench/load}; of the broker
 * it uses sockets, loop and codec, and knows nothing of its inside.
 */
@NullMarked
package org.tunneldigger.bench.load;

import org.jspecify.annotations.NullMarked;
