// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.hooks;

/**
 * How often the calls of one hook of one plugin ended in one way.
 *
 * @param plugin the plugin's id
 * @param hook the hook
 * @param outcome how the calls ended
 * @param count number of calls since the broker started
 */
public record HookCount(String plugin, HookKind hook, Outcome outcome, long count) {}
