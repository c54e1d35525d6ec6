// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.jshooks;

/**
 * A script as it was read.
 *
 * @param name the file's name
 * @param text what is in it
 */
record ScriptSource(String name, String text) {}
