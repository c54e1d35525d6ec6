// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.log;

import org.jspecify.annotations.Nullable;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;

/** A logger of one name. Markers say nothing here. */
final class LineLogger extends LegacyAbstractLogger {
    private static final long serialVersionUID = 1;

    private final transient LogOutput output;

    LineLogger(String name, LogOutput output) {
        this.name = name;
        this.output = output;
    }

    @Override
    public boolean isTraceEnabled() {
        return output.takes(name, Level.TRACE);
    }

    @Override
    public boolean isDebugEnabled() {
        return output.takes(name, Level.DEBUG);
    }

    @Override
    public boolean isInfoEnabled() {
        return output.takes(name, Level.INFO);
    }

    @Override
    public boolean isWarnEnabled() {
        return output.takes(name, Level.WARN);
    }

    @Override
    public boolean isErrorEnabled() {
        return output.takes(name, Level.ERROR);
    }

    @Override
    protected @Nullable String getFullyQualifiedCallerName() {
        return null; // nothing that is written says where in the code it was said
    }

    @Override
    protected void handleNormalizedLoggingCall(
            Level level,
            @Nullable Marker marker,
            String pattern,
            Object @Nullable [] arguments,
            @Nullable Throwable thrown) {
        output.write(level, MessageFormatter.basicArrayFormat(pattern, arguments), thrown);
    }
}
