// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.jshooks;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import org.graalvm.polyglot.Value;
import org.tunneldigger.api.event.AccessDecision;
import org.tunneldigger.api.event.SessionProfile;

/** What handlers answer. What is not understood is an error: a decision must not be guessed. */
final class Answers {
    private static final Set<String> PROFILE_MEMBERS =
            Set.of("mtu", "downBitsPerSecond", "upBitsPerSecond", "bridge", "labels");

    private Answers() {}

    /** Of hooks that are told something and asked nothing. */
    static Boolean ignored(HookName hook, Value returned) {
        return true;
    }

    /** {@code undefined} and {@code true} allow; {@code false}, a text and {@code {deny: text}} deny. */
    static AccessDecision access(HookName hook, Value returned) {
        if (returned.isNull()) {
            return AccessDecision.allow();
        }
        if (returned.isBoolean()) {
            return returned.asBoolean() ? AccessDecision.allow() : AccessDecision.deny("");
        }
        if (returned.isString()) {
            return AccessDecision.deny(LogText.oneLine(returned.asString()));
        }
        Value reason = returned.hasMembers() ? returned.getMember("deny") : null;
        if (reason != null && reason.isString()) {
            return AccessDecision.deny(LogText.oneLine(reason.asString()));
        }
        throw new IllegalArgumentException(
                hook + ": the handler returned none of true, false, a text, {deny: text} or nothing");
    }

    /** An object with any of the profile's members; {@code undefined} says nothing. */
    static SessionProfile profile(HookName hook, Value returned) {
        if (returned.isNull()) {
            return SessionProfile.none();
        }
        if (!returned.hasMembers() || returned.isString() || returned.canExecute() || returned.hasArrayElements()) {
            throw new IllegalArgumentException(hook + ": the handler returned no object");
        }
        Set<String> unknown = new TreeSet<>(returned.getMemberKeys());
        unknown.removeAll(PROFILE_MEMBERS);
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException(
                    hook + ": a profile has no " + LogText.oneLine(String.join(", ", unknown)));
        }
        OptionalLong mtu = whole(hook, returned, "mtu");
        return new SessionProfile(
                mtu.isEmpty()
                        ? OptionalInt.empty()
                        : OptionalInt.of(Math.toIntExact(Math.min(mtu.getAsLong(), 65_536))),
                whole(hook, returned, "downBitsPerSecond"),
                whole(hook, returned, "upBitsPerSecond"),
                text(hook, returned, "bridge"),
                labels(hook, returned));
    }

    private static OptionalLong whole(HookName hook, Value object, String member) {
        Value value = object.getMember(member);
        if (value == null || value.isNull()) {
            return OptionalLong.empty();
        }
        // JavaScript's numbers come as double once they were computed: 1e6, 8 * 1e6.
        if (value.isNumber() && value.fitsInDouble()) {
            double number = value.asDouble();
            if (number == Math.rint(number) && number >= 0 && number <= 1L << 53) {
                return OptionalLong.of((long) number);
            }
        }
        throw new IllegalArgumentException(hook + ": " + member + " is no whole number");
    }

    private static Optional<String> text(HookName hook, Value object, String member) {
        Value value = object.getMember(member);
        if (value == null || value.isNull()) {
            return Optional.empty();
        }
        if (!value.isString()) {
            throw new IllegalArgumentException(hook + ": " + member + " is no text");
        }
        return Optional.of(value.asString());
    }

    private static Map<String, String> labels(HookName hook, Value object) {
        Value value = object.getMember("labels");
        Map<String, String> labels = new HashMap<>();
        if (value == null || value.isNull()) {
            return labels;
        }
        for (String label : value.getMemberKeys()) {
            text(hook, value, label).ifPresent(word -> labels.put(label, word));
            if (labels.size() > SessionProfile.MAX_LABELS) {
                break; // the profile says what is wrong
            }
        }
        return labels;
    }
}
