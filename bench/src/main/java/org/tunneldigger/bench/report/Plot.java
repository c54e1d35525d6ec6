// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeSet;

/** An SVG of figures over the number of sessions (logarithmic), from zero upwards, medians joined, the spread as a bar through each. */
final class Plot {
    private static final int WIDTH = 640;
    private static final int HEIGHT = 360;
    private static final int LEFT = 80;
    private static final int RIGHT = 20;
    private static final int TOP = 48;
    private static final int BOTTOM = 52;
    /** Distinguishable without colour vision, on white and on black. */
    private static final List<String> COLOURS = List.of("#0072b2", "#d55e00", "#009e73", "#cc79a7");

    private final String title;
    private final String unit;
    private final Map<String, NavigableMap<Long, Summary>> series;

    /** @param series by name; at least one point, at sessions above 0 */
    Plot(String title, String unit, Map<String, NavigableMap<Long, Summary>> series) {
        this.title = title;
        this.unit = unit;
        this.series = series;
    }

    String svg() {
        List<String> parts = new ArrayList<>();
        parts.add(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"13\">"
                        .formatted(WIDTH, HEIGHT));
        parts.add("<rect width=\"100%\" height=\"100%\" fill=\"white\"/>");
        parts.add(label(LEFT, 20, "start", title + ", " + unit));
        axes(parts);
        int number = 0;
        for (Map.Entry<String, NavigableMap<Long, Summary>> one : series.entrySet()) {
            line(parts, one.getKey(), one.getValue(), number++);
        }
        parts.add("</svg>\n");
        return String.join("\n", parts);
    }

    private void axes(List<String> parts) {
        double step = step();
        for (double value = 0; value <= top() * 1.001; value += step) {
            parts.add("<path d=\"M%d %s H%d\" stroke=\"#ddd\"/>".formatted(LEFT, number(y(value)), WIDTH - RIGHT));
            parts.add(label(LEFT - 8, y(value) + 4, "end", Numbers.text(value)));
        }
        for (long sessions : sessions()) {
            parts.add(label(x(sessions), HEIGHT - BOTTOM + 20, "middle", Long.toString(sessions)));
        }
        parts.add(label((LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 10, "middle", "sessions that stand"));
    }

    private void line(List<String> parts, String name, NavigableMap<Long, Summary> points, int number) {
        String colour = COLOURS.get(number % COLOURS.size());
        StringBuilder path = new StringBuilder();
        points.forEach((sessions, summary) -> {
            String x = number(x(sessions));
            path.append(path.isEmpty() ? "M" : " L").append(x).append(' ').append(number(y(summary.median())));
            parts.add("<path d=\"M%s %s V%s\" stroke=\"%s\" stroke-width=\"3\" opacity=\"0.5\"/>"
                    .formatted(x, number(y(summary.least())), number(y(summary.most())), colour));
            parts.add("<circle cx=\"%s\" cy=\"%s\" r=\"4\" fill=\"%s\"/>"
                    .formatted(x, number(y(summary.median())), colour));
        });
        parts.add("<path d=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"/>".formatted(path, colour));
        if (series.size() > 1) {
            int x = LEFT + 140 * number;
            parts.add("<path d=\"M%d 36 H%d\" stroke=\"%s\" stroke-width=\"3\"/>".formatted(x, x + 20, colour));
            parts.add(label(x + 26, 40, "start", name));
        }
    }

    private TreeSet<Long> sessions() {
        TreeSet<Long> all = new TreeSet<>();
        series.values().forEach(points -> all.addAll(points.keySet()));
        return all;
    }

    private double x(long sessions) {
        double from = Math.log(sessions().first());
        double to = Math.log(sessions().last());
        double share = to > from ? (Math.log(sessions) - from) / (to - from) : 0.5;
        return LEFT + 20 + share * (WIDTH - LEFT - RIGHT - 40);
    }

    private double y(double value) {
        return HEIGHT - BOTTOM - value / top() * (HEIGHT - TOP - BOTTOM);
    }

    private double top() {
        double step = step();
        return Math.max(1, Math.ceil(most() / step)) * step;
    }

    /** 1, 2 or 5 times a power of ten, so that four to ten lines fit. */
    private double step() {
        double power = Math.pow(10, Math.floor(Math.log10(Math.max(most(), 1e-3) / 4)));
        double rest = most() / 4 / power;
        return power * (rest >= 5 ? 5 : rest >= 2 ? 2 : 1);
    }

    private double most() {
        return series.values().stream()
                .flatMap(points -> points.values().stream())
                .mapToDouble(Summary::most)
                .max()
                .orElseThrow();
    }

    private static String label(double x, double y, String anchor, String text) {
        String escaped = text.replace("&", "&amp;").replace("<", "&lt;");
        return "<text x=\"%s\" y=\"%s\" text-anchor=\"%s\" fill=\"#222\">%s</text>"
                .formatted(number(x), number(y), anchor, escaped);
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }
}
