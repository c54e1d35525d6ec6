// SPDX-License-Identifier: Apache-2.0
/** Benchmarks of the broker's parts, each alone; run by {@code bench/jmh}. What concerns the table of sessions is in its package. */
@NullMarked
package org.tunneldigger.bench.jmh;

import org.jspecify.annotations.NullMarked;
