// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.config;

import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/** The least severe level that is logged, from all to nothing: {@code verbosity} in {@code [log]}. */
public enum LogVerbosity {
    /** Everything, as {@link #DEBUG} and whatever lies below it. */
    NOTSET(Level.TRACE),
    DEBUG(Level.DEBUG),
    INFO(Level.INFO),
    /** Also written {@code WARN}. */
    WARNING(Level.WARN),
    ERROR(Level.ERROR),
    /** Also written {@code FATAL}. The broker says nothing that is so severe, but why it can't start. */
    CRITICAL(null);

    private final @Nullable Level level;

    LogVerbosity(@Nullable Level level) {
        this.level = level;
    }

    /** SLF4J's; null: nothing is logged. */
    public @Nullable Level level() {
        return level;
    }
}
