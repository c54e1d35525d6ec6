// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.bench.report;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * {@code Report FOLDER}: reads what scripts/bench left there (raw.csv, absent.csv, about.csv), prints the table of what is to be reached,
 * and writes report.md, results.json and the plots beside it.
 */
public final class Report {
    /** A plot: its file, what it shows, and the figures in it by the name that they have there. */
    private record Picture(String file, String title, String measurement, Map<String, String> figures) {}

    private static final List<Picture> PICTURES = List.of(
            new Picture(
                    "session-cpu",
                    "processor time of the broker for one more session that comes and goes",
                    "standing",
                    Map.of("tap", "session-cpu")),
            new Picture(
                    "cookie-cpu",
                    "processor time of the broker for a cookie request",
                    "standing",
                    Map.of("tap", "cookie-cpu")),
            new Picture(
                    "packet-cpu",
                    "processor time of the broker for a data packet",
                    "standing",
                    Map.of("tap", "packet-cpu")),
            new Picture(
                    "packets",
                    "64-byte packets a second through one tunnel on tap",
                    "standing",
                    Map.of("tap", "packets")),
            new Picture("memory", "resident memory of the broker", "standing", Map.of("tap", "rss")),
            new Picture(
                    "lookup",
                    "64-byte packets a second through one tunnel, guest, kernel's L2TP",
                    "guest-lookup",
                    Map.of("one port", "one-port", "four ports", "four-ports")));

    private Report() {}

    public static void main(String[] arguments) throws IOException {
        write(Path.of(arguments[0]), new PrintStream(System.out, true, StandardCharsets.UTF_8));
    }

    static void write(Path folder, PrintStream out) throws IOException {
        Results results = Results.read(folder);
        List<Row.Line> lines =
                Reach.rows().stream().map(row -> row.line(results)).toList();
        String table = reach(lines);
        out.print(table);
        StringBuilder report =
                new StringBuilder("# What scripts/bench measured\n\nWritten by `scripts/bench`; not to be edited. ");
        report.append(
                        "Medians of the runs, and in brackets the least and the most of them; ratios are of figures of one run. ")
                .append(
                        "[raw.csv](raw.csv) has every run, [results.json](results.json) the same as here for programs.\n\n");
        report.append(about(results))
                .append("\n## Reach\n\n")
                .append(table)
                .append("\n## All figures\n\n")
                .append(figures(results));
        report.append(pictures(folder, results));
        Files.writeString(folder.resolve("report.md"), report);
        Files.writeString(folder.resolve("results.json"), Json.of(results, lines));
    }

    private static String reach(List<Row.Line> lines) {
        Table table = new Table("what", "measured", "peer", "goal", "verdict");
        lines.forEach(line -> table.add(
                line.what(),
                line.measured(),
                line.peer(),
                line.goal(),
                line.verdict().text()));
        return table.text();
    }

    private static String about(Results results) {
        Table table = new Table("", "");
        results.about().forEach(table::add);
        return table.text();
    }

    private static String figures(Results results) {
        Table table = new Table("measurement", "figure", "sessions", "value", "unit", "runs");
        for (String name : results.measurements()) {
            Measurement measurement = results.of(name);
            for (String figure : measurement.figures()) {
                measurement
                        .series(figure)
                        .forEach((at, summary) -> table.add(
                                name,
                                figure,
                                at == 0 ? "" : Long.toString(at),
                                summary.text(),
                                measurement.unit(figure),
                                Integer.toString(summary.count())));
            }
        }
        results.absences()
                .forEach((name, absence) -> table.add(
                        name,
                        absence.broken() ? "broke: " + absence.reason() : "not measured: " + absence.reason(),
                        "",
                        "",
                        "",
                        ""));
        return table.text();
    }

    /** Writes those plots that have more than one point, and returns the links to them. */
    private static String pictures(Path folder, Results results) throws IOException {
        StringBuilder links = new StringBuilder();
        for (Picture picture : PICTURES) {
            Measurement measurement = results.of(picture.measurement());
            Map<String, NavigableMap<Long, Summary>> series = new LinkedHashMap<>();
            String unit = "";
            for (Map.Entry<String, String> one : new TreeMap<>(picture.figures()).entrySet()) {
                NavigableMap<Long, Summary> points =
                        measurement.series(one.getValue()).tailMap(1L, true);
                if (points.size() > 1) {
                    series.put(one.getKey(), points);
                    unit = measurement.unit(one.getValue());
                }
            }
            if (!series.isEmpty()) {
                Files.writeString(
                        folder.resolve(picture.file() + ".svg"), new Plot(picture.title(), unit, series).svg());
                links.append("\n![")
                        .append(picture.title())
                        .append("](")
                        .append(picture.file())
                        .append(".svg)\n");
            }
        }
        return links.toString();
    }
}
