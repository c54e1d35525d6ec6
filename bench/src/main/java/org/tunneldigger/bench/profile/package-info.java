// SPDX-License-Identifier: Apache-2.0
/** What a broker's flight recording says of where it spends its time, as a text that can be kept and compared. */
@NullMarked
package org.tunneldigger.bench.profile;

import org.jspecify.annotations.NullMarked;
