// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.config;

/** The least severe level that is logged, from all to almost nothing: {@code verbosity} in {@code [log]}. */
public enum LogVerbosity {
    /** Everything, as {@link #DEBUG} and whatever lies below it. */
    NOTSET,
    DEBUG,
    INFO,
    /** Also written {@code WARN}. */
    WARNING,
    ERROR,
    /** Also written {@code FATAL}. */
    CRITICAL
}
