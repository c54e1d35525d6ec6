// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.config;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads IPv4 and IPv6 literals, without ever asking the resolver or an interface. */
final class AddressText {
    private static final String BYTE = "(0|[1-9]\\d{0,2})";
    private static final Pattern V4 = Pattern.compile(BYTE + "\\." + BYTE + "\\." + BYTE + "\\." + BYTE);
    private static final Pattern V4_WITH_PORT = Pattern.compile("[0-9.]+:\\d+|\\[.*]:\\d+");
    private static final Pattern V6 = Pattern.compile("(?=.*:)[0-9A-Fa-f:.]{2,45}");
    private static final Pattern SCOPE = Pattern.compile("[1-9]\\d{0,8}");

    private AddressText() {}

    /** The address, or null after handing the reason to {@code problem}. */
    static @Nullable InetAddress parse(String text, Consumer<String> problem) {
        if (V4_WITH_PORT.matcher(text).matches()) {
            problem.accept(Findings.quote(text) + " names a port; ports go into 'port'");
            return null;
        }
        String bare = text.startsWith("[") && text.endsWith("]") ? text.substring(1, text.length() - 1) : text;
        try {
            Matcher v4 = V4.matcher(text);
            return v4.matches() ? v4(v4, problem) : v6(bare, problem);
        } catch (UnknownHostException e) {
            problem.accept(Findings.quote(text) + " is not an IPv4 or IPv6 address");
            return null;
        }
    }

    private static @Nullable InetAddress v4(Matcher parts, Consumer<String> problem) throws UnknownHostException {
        byte[] address = new byte[4];
        for (int i = 0; i < address.length; i++) {
            int value = Integer.parseInt(parts.group(i + 1));
            if (value > 255) {
                problem.accept(Findings.quote(parts.group()) + " is not an IPv4 address: " + value + " is above 255");
                return null;
            }
            address[i] = (byte) value;
        }
        return InetAddress.getByAddress(address);
    }

    private static @Nullable InetAddress v6(String text, Consumer<String> problem) throws UnknownHostException {
        int percent = text.indexOf('%');
        String literal = percent < 0 ? text : text.substring(0, percent);
        if (!V6.matcher(literal).matches()) {
            problem.accept(Findings.quote(text)
                    + " is not an IPv4 or IPv6 address; if it is a name, write the addresses that it stands for");
            return null;
        }
        // In brackets nothing but a literal is accepted, so no name is ever looked up.
        if (!(InetAddress.getByName("[" + literal + "]") instanceof Inet6Address address)) {
            problem.accept(Findings.quote(text) + " is an IPv4 address in IPv6 form; write the IPv4 address");
            return null;
        }
        if (percent < 0) {
            return address;
        }
        String scope = text.substring(percent + 1);
        if (!SCOPE.matcher(scope).matches()) {
            problem.accept("the part of " + Findings.quote(text) + " behind % is an interface's number");
            return null;
        }
        return Inet6Address.getByAddress(null, address.getAddress(), Integer.parseInt(scope));
    }
}
