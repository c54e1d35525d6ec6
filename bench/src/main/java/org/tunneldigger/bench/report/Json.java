// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.bench.report;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The results for programs: what is to be reached with its verdicts, and every figure's median and spread. */
final class Json {
    private Json() {}

    static String of(Results results, List<Row.Line> lines) {
        return "{\n  \"about\": " + about(results.about()) + ",\n  \"reach\": [\n"
                + lines.stream().map(Json::line).collect(Collectors.joining(",\n"))
                + "\n  ],\n  \"figures\": [\n"
                + results.measurements().stream()
                        .map(results::of)
                        .flatMap(measurement ->
                                measurement.figures().stream().map(figure -> figure(measurement, figure)))
                        .collect(Collectors.joining(",\n"))
                + "\n  ]\n}\n";
    }

    private static String about(Map<String, String> about) {
        return about.entrySet().stream()
                .map(entry -> text(entry.getKey()) + ": " + text(entry.getValue()))
                .collect(Collectors.joining(", ", "{", "}"));
    }

    private static String line(Row.Line line) {
        return "    {\"what\": %s, \"measured\": %s, \"peer\": %s, \"goal\": %s, \"verdict\": %s}"
                .formatted(
                        text(line.what()),
                        text(line.measured()),
                        text(line.peer()),
                        text(line.goal()),
                        text(line.verdict().text()));
    }

    private static String figure(Measurement measurement, String figure) {
        return measurement.series(figure).entrySet().stream()
                .map(entry ->
                        "    {\"measurement\": %s, \"figure\": %s, \"sessions\": %d, \"unit\": %s, \"median\": %s, \"least\": %s, \"most\": %s, \"runs\": %d}"
                                .formatted(
                                        text(measurement.name()),
                                        text(figure),
                                        entry.getKey(),
                                        text(measurement.unit(figure)),
                                        entry.getValue().median(),
                                        entry.getValue().least(),
                                        entry.getValue().most(),
                                        entry.getValue().count()))
                .collect(Collectors.joining(",\n"));
    }

    static String text(String text) {
        StringBuilder json = new StringBuilder("\"");
        text.chars().forEach(c -> {
            if (c == '"' || c == '\\') {
                json.append('\\').append((char) c);
            } else if (c < ' ') {
                json.append("\\u%04x".formatted(c));
            } else {
                json.append((char) c);
            }
        });
        return json.append('"').toString();
    }
}
