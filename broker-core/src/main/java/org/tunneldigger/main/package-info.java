// SPDX-License-Identifier: Apache-2.0
/**
 * The command line, the log, the signals, and the one place where the broker's objects are made and joined. Nobody calls
 * it but the operator.
 */
@NullMarked
package org.tunneldigger.main;

import org.jspecify.annotations.NullMarked;
