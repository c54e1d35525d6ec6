// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.jshooks;

import java.time.Duration;

/**
 * What bounds a script.
 *
 * @param call longest time of a call, and of the wait for its turn before
 * @param load longest time to load a script
 * @param allocatedBytes what a call, or loading, may allocate in all, garbage included
 */
record CallLimits(Duration call, Duration load, long allocatedBytes) {}
