// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.execscripts;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How text becomes the arguments and the environment of a process.
 *
 * <p>A uuid is passed as one argument, whatever it contains: quotes, spaces, line feeds, leading dashes. Two kinds are
 * refused, and the hook fails: one with a NUL, which no process can be given, and one with characters that the JVM's
 * locale cannot express, which would arrive as question marks and could be taken for another client's. The same holds for the
 * labels of a profile, which are passed as environment variables.
 *
 * <p>The JVM encodes arguments and variables by the locale that it was started in; no property changes that on current versions. So
 * the broker's start script gives a JVM whose locale is not UTF-8 {@code LC_ALL=C.UTF-8}, and the caller's value as
 * {@code TUNNELDIGGER_LC_ALL}, from which it is put back here.
 */
final class ScriptArguments {
    private static final String CALLERS_LC_ALL = "TUNNELDIGGER_LC_ALL";

    private ScriptArguments() {}

    /** Why this can't be passed; null if it can. */
    static @Nullable String problem(Invocation invocation) {
        for (Map.Entry<String, String> variable : invocation.variables().entrySet()) {
            String problem = problem(variable.getValue());
            if (problem != null) {
                // The uuid is the one argument that others than the broker choose, and is among the variables.
                boolean uuid = variable.getKey().equals(EventVariable.UUID.variableName());
                return (uuid ? "the uuid" : variable.getKey()) + " contains " + problem;
            }
        }
        return null;
    }

    static boolean utf8Arguments() {
        return encoding().equals(StandardCharsets.UTF_8);
    }

    /**
     * Makes the broker's environment the scripts': as the broker's caller had it, with what is to be said about this event, and
     * without what another event's variables may have left there.
     */
    static void fill(Map<String, String> environment, Invocation invocation) {
        restoreLocale(environment);
        environment.keySet().removeIf(EventVariable::tellsOfEvents);
        environment.putAll(invocation.variables());
    }

    private static void restoreLocale(Map<String, String> environment) {
        String callers = environment.remove(CALLERS_LC_ALL);
        if (callers == null) {
            return;
        }
        if (callers.isEmpty()) {
            environment.remove("LC_ALL");
        } else {
            environment.put("LC_ALL", callers);
        }
    }

    private static @Nullable String problem(String text) {
        if (text.indexOf('\0') >= 0) {
            return "a NUL character, which no process can be passed";
        }
        if (!encoding().newEncoder().canEncode(text)) {
            return "characters that the locale's encoding " + encoding() + " lacks";
        }
        return null;
    }

    /** What {@link ProcessBuilder} encodes by: the default charset up to Java 17, then the locale's. */
    private static Charset encoding() {
        String name = Runtime.version().feature() < 18
                ? Charset.defaultCharset().name()
                : System.getProperty("sun.jnu.encoding", "US-ASCII");
        return Charset.isSupported(name) ? Charset.forName(name) : StandardCharsets.US_ASCII;
    }
}
