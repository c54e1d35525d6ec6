// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds the known word that a mistyped one was meant to be. */
final class Spelling {
    private static final int LONGEST_WORD = 64;

    private Spelling() {}

    /** The closest of {@code known} if at most a third of its letters differ. */
    static Optional<String> closest(String word, Collection<String> known) {
        if (word.length() > LONGEST_WORD) {
            return Optional.empty();
        }
        String plain = plain(word);
        return known.stream()
                .filter(candidate -> distance(plain, plain(candidate)) <= candidate.length() / 3)
                .min(Comparator.comparingInt(candidate -> distance(plain, plain(candidate))));
    }

    /** Case and the choice of separator are not what makes two words different. */
    private static String plain(String word) {
        return word.toLowerCase(Locale.ROOT).replace('-', '_').replace('.', '_').replace(' ', '_');
    }

    /** How many letters must be put in, taken out or replaced to come from one to the other. */
    private static int distance(String from, String to) {
        int[] row = new int[to.length() + 1];
        for (int j = 0; j <= to.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[to.length()];
    }
}
