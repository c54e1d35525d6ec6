// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.bridgepermtu;

import java.util.List;
import java.util.OptionalInt;

/** Where sessions go whose profile names no bridge. */
sealed interface Target {
    /** The name of the master for a tunnel's MTU. */
    String nameFor(int mtu);

    /**
     * A bridge for each MTU.
     *
     * @param prefix a bridge's name is this and the MTU
     * @param precreate MTUs whose bridges are made at start and stay
     * @param removeEmpty whether the other bridges go with their last port
     */
    record PerMtu(String prefix, List<Integer> precreate, boolean removeEmpty) implements Target {
        private static final int DIGITS = 4;

        @Override
        public String nameFor(int mtu) {
            return prefix + mtu;
        }

        /** The MTU that a bridge's name says. */
        OptionalInt mtuOf(String bridge) {
            String digits = bridge.startsWith(prefix) ? bridge.substring(prefix.length()) : "";
            return digits.length() == DIGITS && digits.matches("[1-9][0-9]*")
                    ? OptionalInt.of(Integer.parseInt(digits))
                    : OptionalInt.empty();
        }
    }

    /** One bridge for all. */
    record OneBridge(String name) implements Target {
        @Override
        public String nameFor(int mtu) {
            return name;
        }
    }

    /** A master that is no bridge, made by somebody else. */
    record OtherMaster(String name) implements Target {
        @Override
        public String nameFor(int mtu) {
            return name;
        }
    }
}
