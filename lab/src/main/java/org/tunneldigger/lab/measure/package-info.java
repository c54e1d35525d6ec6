// SPDX-License-Identifier: Apache-2.0
/**
 * Measurements that a person asks for, by {@code lab/measure}: they print figures and assert nothing. They use the lab's worlds;
 * no scenario uses them.
 */
@NullMarked
package org.tunneldigger.lab.measure;

import org.jspecify.annotations.NullMarked;
