// SPDX-License-Identifier: Apache-2.0
/** Benchmarks of what the broker keeps to its package: they stand in it to reach that. */
@NullMarked
package org.tunneldigger.broker;

import org.jspecify.annotations.NullMarked;
