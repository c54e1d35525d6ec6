// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.plugins;

/**
 * A plugin that is not there although it should be.
 *
 * @param plugin the plugin's id, or its file's name if the id is unknown
 * @param reason what is wrong, in one line
 */
public record PluginFailure(String plugin, String reason) {}
