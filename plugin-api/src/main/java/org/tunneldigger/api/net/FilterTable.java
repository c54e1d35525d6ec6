// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.api.net;

import java.util.List;

/**
 * An nftables table: named sets, and chains of rules that look into them. All that a rule does is drop; what no rule drops
 * goes on to the tables of others.
 *
 * @param name at most 64 bytes; unique in its family
 */
public record FilterTable(FilterFamily family, String name, List<ElementSet> sets, List<Chain> chains) {
    private static final int LONGEST_NAME = 64;

    /** @throws IllegalArgumentException if the name is empty or too long */
    public FilterTable {
        sets = List.copyOf(sets);
        chains = List.copyOf(chains);
        requireName(name);
    }

    /** What a set holds. */
    public enum Key {
        INTERFACE,
        V4,
        V6
    }

    /**
     * A named set.
     *
     * @param timeouts whether its elements may leave by themselves after a time
     */
    public record ElementSet(String name, Key key, boolean timeouts) {
        public ElementSet {
            requireName(name);
        }
    }

    /** Where packets come by: those for the machine itself, or those that pass through. */
    public enum Hook {
        INPUT,
        FORWARD
    }

    /**
     * Rules at a place that packets come by.
     *
     * @param priority chains of all tables run from the lowest to the highest; 0 is that of a usual filter ({@code -200} in a
     *     bridge)
     */
    public record Chain(String name, Hook hook, int priority, List<Rule> rules) {
        public Chain {
            rules = List.copyOf(rules);
            requireName(name);
        }
    }

    /** Drops what all of the matches hold for; at most 8. */
    public record Rule(List<Match> matches) {
        public Rule(Match... matches) {
            this(List.of(matches));
        }

        public Rule {
            matches = List.copyOf(matches);
            if (matches.isEmpty() || matches.size() > 8) {
                throw new IllegalArgumentException(matches.size() + " matches in a rule");
            }
        }
    }

    /** A condition on a packet. */
    public sealed interface Match {}

    /** It came in by an interface that a set of {@link Key#INTERFACE} holds; in a bridge by such a port. */
    public record InputInterface(String set) implements Match {}

    /** It leaves by an interface that a set of {@link Key#INTERFACE} holds; in a bridge by such a port. */
    public record OutputInterface(String set) implements Match {}

    /** It is IPv4 or IPv6 with a source address that a set of {@link Key#V4} or {@link Key#V6} holds. */
    public record Source(IpFamily family, String set) implements Match {}

    /** It is UDP. */
    public record Udp() implements Match {}

    /**
     * It is UDP, to a port.
     *
     * @param port 1…65535
     */
    public record UdpTo(int port) implements Match {
        public UdpTo {
            if (port < 1 || port > 65535) {
                throw new IllegalArgumentException("port " + port);
            }
        }
    }

    private static void requireName(String name) {
        if (name.isEmpty() || name.length() > LONGEST_NAME) {
            throw new IllegalArgumentException("the name '" + name + "' has not 1…" + LONGEST_NAME + " characters");
        }
    }
}
