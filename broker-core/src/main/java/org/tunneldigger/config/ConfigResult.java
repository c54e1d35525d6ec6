// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.config;

import java.util.List;

/** What reading a configuration file came to. Messages stand in the order of their lines. */
public sealed interface ConfigResult {
    /** What the operator should know although it does not stop the broker. */
    List<ConfigMessage> warnings();

    /** A configuration that can be used as it is. */
    record Loaded(BrokerConfig config, List<ConfigMessage> warnings) implements ConfigResult {
        public Loaded {
            warnings = List.copyOf(warnings);
        }
    }

    /**
     * A file that can't be used.
     *
     * @param mistakes all of them, at least one
     */
    record Rejected(List<ConfigMessage> mistakes, List<ConfigMessage> warnings) implements ConfigResult {
        public Rejected {
            mistakes = List.copyOf(mistakes);
            warnings = List.copyOf(warnings);
        }
    }
}
