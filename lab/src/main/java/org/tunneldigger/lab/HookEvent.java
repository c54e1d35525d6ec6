// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.lab;

import java.util.List;
import java.util.OptionalInt;

/**
 * One line that a hook script wrote.
 *
 * @param nanos the wall clock when it wrote, in ns since 1970
 * @param hook the script's name: {@code session.up} and so on
 * @param begin whether the script began, else ended
 * @param interfaceMtu the MTU of the session's interface at that moment, empty when the interface did not exist
 * @param arguments what the script was given
 */
public record HookEvent(long nanos, String hook, boolean begin, OptionalInt interfaceMtu, List<String> arguments) {

    static HookEvent parse(String line) {
        String[] fields = line.split("\t", -1);
        OptionalInt mtu = fields[3].equals("gone") ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(fields[3]));
        List<String> arguments = List.of(fields).subList(4, fields.length);
        return new HookEvent(Long.parseLong(fields[0]), fields[1], fields[2].equals("begin"), mtu, arguments);
    }

    /** The session's tunnel id, of any hook that has a session. */
    public int tunnelId() {
        return Integer.parseInt(arguments.get(0));
    }

    public String interfaceName() {
        return arguments.get(2);
    }

    /** The client's uuid: every hook has one, each at its own place. */
    public String uuid() {
        return switch (hook) {
            case "session.mtu-changed" -> arguments.get(5);
            case "broker.connection-rate-limit" -> arguments.get(2);
            default -> arguments.get(7);
        };
    }
}
