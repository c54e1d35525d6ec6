// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.jshooks;

import java.nio.charset.StandardCharsets;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.proxy.ProxyArray;
import org.jspecify.annotations.Nullable;
import org.tunneldigger.api.net.InterfaceAddress;
import org.tunneldigger.api.net.IpFamily;
import org.tunneldigger.api.net.LinuxNetwork;
import org.tunneldigger.api.net.NetworkException;

/**
 * The verbs of {@code net}. Arguments are checked here, since the network's contract expects a typed caller.
 *
 * @param network the broker's
 */
record NetworkVerbs(LinuxNetwork network) {
    static final String NAMES = "ensureBridge ensureAddress ensureRule attachPort detach setIsolated bridgeOf";
    private static final long LARGEST_U32 = 0xFFFF_FFFFL;
    private static final int LONGEST_NAME = 15;

    /**
     * @param call the verb's name and the arguments
     * @return the verb's answer, null or a text; or a failure as two texts: the message, and the error's name (EBUSY) or
     *     nothing if an argument is wrong
     */
    @Nullable
    Object call(Value... call) {
        String verb = call[0].asString();
        try {
            return run(verb, new Arguments(verb, call));
        } catch (NetworkException e) {
            return ProxyArray.fromArray(String.valueOf(e.getMessage()), e.errnoName());
        } catch (IllegalArgumentException e) {
            return ProxyArray.fromArray("net." + verb + ": " + e.getMessage(), "");
        }
    }

    private @Nullable String run(String verb, Arguments given) throws NetworkException {
        switch (verb) {
            case "ensureBridge" -> network.ensureBridge(given.name(1, "bridge"), given.mtu(2));
            case "ensureAddress" ->
                network.ensureAddress(
                        given.name(1, "interface"),
                        InterfaceAddress.parse(given.text(2, "address with prefix length")));
            case "ensureRule" ->
                network.ensureRule(
                        given.family(1),
                        given.name(2, "interface"),
                        given.whole(3, "table", 1, LARGEST_U32),
                        given.whole(4, "priority", 0, LARGEST_U32));
            case "attachPort" ->
                network.attachPort(
                        given.name(1, "port"), given.name(2, "bridge"), given.mtu(3), given.flag(4, "isolated"));
            case "detach" -> network.detach(given.name(1, "port"));
            case "setIsolated" -> network.setIsolated(given.name(1, "port"), given.flag(2, "isolated"));
            case "bridgeOf" -> {
                return network.bridgeOf(given.name(1, "port")).orElse(null);
            }
            default -> throw new IllegalArgumentException("no such verb");
        }
        return null;
    }

    /** Arguments by position, from 1. */
    private record Arguments(String verb, Value... values) {
        String text(int position, String what) {
            Value value = position < values.length ? values[position] : null;
            if (value == null || !value.isString()) {
                throw wrong(position, what, "a text");
            }
            return value.asString();
        }

        String name(int position, String what) {
            String name = text(position, what);
            int bytes = name.getBytes(StandardCharsets.UTF_8).length;
            if (bytes < 1 || bytes > LONGEST_NAME || name.indexOf('\0') >= 0) {
                throw wrong(position, what, "the name of an interface, 1 to 15 bytes");
            }
            return name;
        }

        int mtu(int position) {
            return (int) whole(position, "mtu", 68, 65_535);
        }

        long whole(int position, String what, long min, long max) {
            Value value = position < values.length ? values[position] : null;
            if (value != null && value.isNumber() && value.fitsInDouble()) {
                double number = value.asDouble();
                if (number == Math.rint(number) && number >= min && number <= max) {
                    return (long) number;
                }
            }
            throw wrong(position, what, "a whole number from " + min + " to " + max);
        }

        boolean flag(int position, String what) {
            Value value = position < values.length ? values[position] : null;
            if (value == null || !value.isBoolean()) {
                throw wrong(position, what, "true or false");
            }
            return value.asBoolean();
        }

        IpFamily family(int position) {
            return switch (text(position, "family")) {
                case "v4" -> IpFamily.V4;
                case "v6" -> IpFamily.V6;
                default -> throw wrong(position, "family", "'v4' or 'v6'");
            };
        }

        private static IllegalArgumentException wrong(int position, String what, String expected) {
            return new IllegalArgumentException("argument " + position + ", " + what + ", is not " + expected);
        }
    }
}
