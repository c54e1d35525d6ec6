// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.api;

/** This API as a whole. */
public final class PluginApi {
    /**
     * The API's version, by the rules of semver.org: what a plugin's manifest may ask for as {@code Plugin-Requires}. While it begins
     * with 0, a new second number may break plugins.
     */
    public static final String VERSION = "0.1.0";

    private PluginApi() {}
}
