// SPDX-License-Identifier: Apache-2.0
/**
 * What tests of plugins need: a context, sample sessions, and the kernel in network namespaces. Test scope only; knows no
 * plugin.
 */
@NullMarked
package org.tunneldigger.testing;

import org.jspecify.annotations.NullMarked;
