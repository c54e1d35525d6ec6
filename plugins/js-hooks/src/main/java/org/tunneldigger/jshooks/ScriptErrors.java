// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.jshooks;

import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.SourceSection;
import org.jspecify.annotations.Nullable;

/** What a script threw, as one line for the operator: {@code uplink.js:12:5: TypeError: …}. */
final class ScriptErrors {
    private ScriptErrors() {}

    static String describe(String scriptName, Throwable thrown) {
        if (thrown instanceof PolyglotException error) {
            return place(scriptName, error) + ": " + words(scriptName, error);
        }
        // What this plugin itself says about a script's answer, or a defect.
        return scriptName + ": "
                + (thrown instanceof IllegalArgumentException ? thrown.getMessage() : thrown.toString());
    }

    /** Whether the JVM had no memory left. The script's own recursion too deep is no such case, it is an error of the script. */
    static boolean isOutOfMemory(Throwable thrown) {
        return thrown instanceof OutOfMemoryError
                || thrown instanceof PolyglotException error
                        && error.isResourceExhausted()
                        && !String.valueOf(error.getMessage()).contains("stack");
    }

    private static String place(String scriptName, PolyglotException error) {
        SourceSection section = section(scriptName, error);
        return section == null
                ? scriptName
                : scriptName + ":" + section.getStartLine() + ":" + section.getStartColumn();
    }

    /** The innermost place in the script itself: an error thrown by a verb of {@code net} is blamed on its caller. */
    private static @Nullable SourceSection section(String scriptName, PolyglotException error) {
        SourceSection own = error.getSourceLocation();
        if (isIn(scriptName, own)) {
            return own;
        }
        for (PolyglotException.StackFrame frame : error.getPolyglotStackTrace()) {
            if (frame.isGuestFrame() && isIn(scriptName, frame.getSourceLocation())) {
                return frame.getSourceLocation();
            }
        }
        return null;
    }

    private static boolean isIn(String scriptName, @Nullable SourceSection section) {
        return section != null && section.getSource().getName().equals(scriptName);
    }

    private static String words(String scriptName, PolyglotException error) {
        String message = String.valueOf(error.getMessage());
        int lineEnd = message.indexOf('\n');
        String first =
                lineEnd < 0 ? message : message.substring(0, lineEnd); // below a syntax error stands the line itself
        if (error.isSyntaxError()) {
            return first.replaceFirst("\\Q" + scriptName + "\\E:\\d+:\\d+ ", "");
        }
        return error.isInternalError() ? "internal error of the engine: " + first : first;
    }
}
