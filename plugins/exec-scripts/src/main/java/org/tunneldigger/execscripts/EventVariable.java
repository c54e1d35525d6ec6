// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.execscripts;

/**
 * The environment variables by which scripts are told of an event, each named {@code TUNNELDIGGER_} and the constant; what they
 * mean is in docs/plugins.md. Variables of these names that the broker was started with never reach a script: one that is not set
 * has no value for this event.
 */
enum EventVariable {
    HOOK,
    AT,
    AT_EPOCH,
    TUNNEL_ID,
    SESSION_ID,
    INTERFACE,
    MTU,
    OLD_MTU,
    NEW_MTU,
    ENDPOINT_IP,
    ENDPOINT_PORT,
    LOCAL_IP,
    LOCAL_PORT,
    UUID,
    DATAPATH,
    FEATURES,
    SINCE,
    SINCE_EPOCH,
    REASON,
    PROFILE_MTU,
    PROFILE_DOWN_BITS_PER_SECOND,
    PROFILE_UP_BITS_PER_SECOND,
    PROFILE_BRIDGE;

    private static final String PREFIX = "TUNNELDIGGER_";

    /** Begins the variables that hold a profile's labels. */
    private static final String LABEL_PREFIX = PREFIX + "LABEL_";

    String variableName() {
        return PREFIX + name();
    }

    /** The variable of a label; what is no ASCII letter or digit becomes {@code _}, since shells know no other names. */
    static String ofLabel(String label) {
        return LABEL_PREFIX + label.replaceAll("[^A-Za-z0-9]", "_");
    }

    /** Whether a variable of this name tells of an event. */
    static boolean tellsOfEvents(String variableName) {
        if (variableName.startsWith(LABEL_PREFIX)) {
            return true;
        }
        for (EventVariable variable : values()) {
            if (variable.variableName().equals(variableName)) {
                return true;
            }
        }
        return false;
    }
}
