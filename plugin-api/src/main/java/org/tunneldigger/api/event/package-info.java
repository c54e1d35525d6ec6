// SPDX-License-Identifier: Apache-2.0
/**
 * What hooks are told: immutable records, made by the broker's event loop and read by plugins on any thread. They hold
 * values only; nothing in them leads back into the broker.
 */
@NullMarked
package org.tunneldigger.api.event;

import org.jspecify.annotations.NullMarked;
