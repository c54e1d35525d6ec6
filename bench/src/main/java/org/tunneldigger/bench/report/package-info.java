// SPDX-License-Identifier: Apache-2.0
/**
 * What scripts/bench measured, made into tables, plots and results to read by machine. It reads and writes files, and knows nothing of
 * how a figure came about, except what has to be reached with it ({@link org.tunneldigger.bench.report.Reach}).
 */
@NullMarked
package org.tunneldigger.bench.report;

import org.jspecify.annotations.NullMarked;
