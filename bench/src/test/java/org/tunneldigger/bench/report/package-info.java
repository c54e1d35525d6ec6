// SPDX-License-Identifier: Apache-2.0
@NullMarked
package org.tunneldigger.bench.report;

import org.jspecify.annotations.NullMarked;
