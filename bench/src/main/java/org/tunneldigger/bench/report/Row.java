// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.bench.report;

import java.util.List;
import java.util.function.Function;

/**
 * One thing to be reached.
 *
 * @param measurement by which name scripts/bench measures it
 * @param needs the figures without which it is not measured: {@code figure}, or {@code figure@sessions}
 */
record Row(
        String what,
        String measurement,
        String reference,
        String goal,
        List<String> needs,
        Function<Measurement, Outcome> judge) {
    /** @param peer what the peers did in the same runs; empty where there is none */
    record Outcome(String measured, String peer, boolean met) {}

    /** A row of the table, as it is printed. */
    record Line(String what, String measured, String peer, String goal, Verdict verdict) {}

    Line line(Results results) {
        Measurement figures = results.of(measurement);
        List<String> missing =
                needs.stream().filter(need -> !has(figures, need)).toList();
        if (!missing.isEmpty()) {
            String reason = results.absence(measurement)
                    .map(Results.Absence::reason)
                    .orElse(figures.all().isEmpty() ? "left out" : "there is no " + String.join(", ", missing));
            return new Line(what, "", reference, goal, new Verdict.NotMeasured(reason));
        }
        Outcome outcome = judge.apply(figures);
        String peer = outcome.peer().isEmpty()
                ? reference
                : reference.isEmpty() ? outcome.peer() : outcome.peer() + "; reference " + reference;
        return new Line(what, outcome.measured(), peer, goal, Verdict.of(outcome.met()));
    }

    private static boolean has(Measurement figures, String need) {
        int at = need.indexOf('@');
        return at < 0 ? figures.has(need) : figures.has(need.substring(0, at), Long.parseLong(need.substring(at + 1)));
    }
}
