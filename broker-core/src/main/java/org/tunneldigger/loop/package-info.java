// SPDX-License-Identifier: Apache-2.0
/**
 * The loop that owns all broker state: epoll, timers, and the inbox through which every other thread speaks to it. Owned
 * by main, used by the broker; knows neither protocol nor sessions.
 */
@NullMarked
package org.tunneldigger.loop;

import org.jspecify.annotations.NullMarked;
