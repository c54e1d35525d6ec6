// SPDX-License-Identifier: Apache-2.0
/**
 * What every plugin of the broker meets first: its {@link org.tunneldigger.api.PluginContext}, its lifecycle, and the
 * text form of addresses. Implemented by the broker and called by plugins, or the other way round; knows nothing of
 * the broker's inside. Events are in {@code event}, hooks in {@code hook}, the verbs that change the network in {@code net}.
 */
@NullMarked
package org.tunneldigger.api;

import org.jspecify.annotations.NullMarked;
