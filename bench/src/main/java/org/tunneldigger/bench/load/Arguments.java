// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.bench.load;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.tunneldigger.protocol.Endpoint;

/** A command line of words, {@code --option VALUE} and {@code --flag}. Each is taken once; what is left over is a mistake. */
final class Arguments {
    private final Deque<String> words = new ArrayDeque<>();
    private final Map<String, String> options = new HashMap<>();

    /** @param flags options without a value, with their dashes */
    Arguments(List<String> line, Set<String> flags) throws UsageException {
        for (int i = 0; i < line.size(); i++) {
            String word = line.get(i);
            if (!word.startsWith("--")) {
                words.add(word);
                continue;
            }
            boolean flag = flags.contains(word);
            if (!flag && i + 1 == line.size()) {
                throw new UsageException(word + " needs a value");
            }
            if (options.put(word, flag ? "" : line.get(++i)) != null) {
                throw new UsageException(word + " is given twice");
            }
        }
    }

    String word(String meaning) throws UsageException {
        if (words.isEmpty()) {
            throw new UsageException(meaning + " is missing");
        }
        return words.remove();
    }

    /** {@code 192.0.2.1:8942}, {@code [2001:db8::1]:8942} or {@code name:8942}. */
    Endpoint endpoint() throws UsageException {
        String text = word("ADDRESS:PORT");
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? "" : text.substring(0, colon);
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        if (host.isEmpty() || (host.contains(":") && !bracketed)) {
            throw new UsageException(text + " is not ADDRESS:PORT or [IPV6]:PORT");
        }
        long port = number("the port of " + text, text.substring(colon + 1), 1, 65_535);
        try {
            String bare = bracketed ? host.substring(1, host.length() - 1) : host;
            return Endpoint.of(InetAddress.getByName(bare), (int) port);
        } catch (UnknownHostException e) {
            throw new UsageException("no address is known for " + host);
        }
    }

    boolean flag(String option) {
        return options.remove(option) != null;
    }

    Optional<String> text(String option) {
        return Optional.ofNullable(options.remove(option));
    }

    /** The option's value, or the default where it is absent. */
    int integer(String option, int from, int to, int otherwise) throws UsageException {
        String text = options.remove(option);
        return text == null ? otherwise : (int) number(option, text, from, to);
    }

    int integer(String option, int from, int to) throws UsageException {
        String text = options.remove(option);
        if (text == null) {
            throw new UsageException(option + " is missing");
        }
        return (int) number(option, text, from, to);
    }

    /** After everything was taken. */
    void end() throws UsageException {
        if (!words.isEmpty()) {
            throw new UsageException("nobody knows what " + words.remove() + " is for");
        }
        if (!options.isEmpty()) {
            throw new UsageException(
                    "there is no option " + options.keySet().iterator().next() + " here");
        }
    }

    private static long number(String what, String text, long from, long to) throws UsageException {
        try {
            long value = Long.parseLong(text);
            if (value >= from && value <= to) {
                return value;
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw new UsageException(what + " must be a number from " + from + " to " + to + ", not " + text);
    }
}
