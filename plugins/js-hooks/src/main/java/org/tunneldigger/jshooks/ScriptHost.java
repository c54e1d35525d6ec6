// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.jshooks;

import java.util.Map;
import org.slf4j.Logger;

/**
 * What the plugin gives to each script.
 *
 * @param limits of its calls
 * @param verbs what it may do to the network
 * @param values what it finds in {@code config}
 * @param heap the JVM's
 * @param logger the plugin's
 */
record ScriptHost(CallLimits limits, NetworkVerbs verbs, Map<String, String> values, HeapWatch heap, Logger logger) {
    ScriptLog logFor(String scriptName) {
        return new ScriptLog(scriptName, logger);
    }
}
