// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.broker;

import org.tunneldigger.protocol.Endpoint;

/** Makes what strangers send fit for a log line. */
final class LogText {
    private static final int MAX_LENGTH = 80;

    private final boolean showAddresses;

    LogText(boolean showAddresses) {
        this.showAddresses = showAddresses;
    }

    /** The endpoint, or a placeholder where the configuration keeps addresses out of the log. */
    String of(Endpoint endpoint) {
        return showAddresses ? endpoint.toString() : "(address hidden)";
    }

    /** A uuid on one line of bounded length, whatever it holds. */
    static String ofUuid(String uuid) {
        StringBuilder text = new StringBuilder(uuid.length());
        int at = 0;
        for (int characters = 0; characters < MAX_LENGTH && at < uuid.length(); characters++) {
            int character = uuid.codePointAt(at);
            text.appendCodePoint(breaksTheLine(character) ? '?' : character);
            at += Character.charCount(character);
        }
        return at < uuid.length() ? text.append('…').toString() : text.toString();
    }

    private static boolean breaksTheLine(int character) {
        return switch (Character.getType(character)) {
            case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> true;
            default -> false;
        };
    }
}
