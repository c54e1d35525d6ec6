// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.plugins;

/**
 * One figure of a plugin, at one moment.
 *
 * @param plugin the plugin's id
 * @param name {@code [a-z][a-z0-9_]*}
 * @param help what it tells
 * @param counter whether it only grows
 * @param value the value
 */
public record PluginFigure(String plugin, String name, String help, boolean counter, double value) {
    /** For the log: {@code access-list refused 3}. */
    @Override
    public String toString() {
        String number = value == Math.rint(value) && Math.abs(value) < 1e15
                ? Long.toString((long) value)
                : Double.toString(value);
        return plugin + " " + name + " " + number;
    }
}
