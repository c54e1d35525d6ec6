// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.bench.report;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.tunneldigger.bench.report.Row.Outcome;

/** What this project wants to reach, row by row. Where a row has a peer, the ratio within one run decides. */
final class Reach {
    private static final long MANY = 4096;
    /** At most so many times the cost with one session counts as flat; a linear scan would be far beyond it. */
    private static final double FLAT = 1.5;

    private static final List<String> COSTS = List.of("session-cpu", "cookie-cpu", "packet-cpu");

    private Reach() {}

    static List<Row> rows() {
        return Stream.of(cookies(), sessions(), tunnels(), brokers())
                .flatMap(List::stream)
                .toList();
    }

    private static List<Row> cookies() {
        return List.of(
                new Row(
                        "cookie replies, guest",
                        "guest-cookies",
                        "2 200 to 3 500 /s",
                        "≥ 0.7 of a program that only echoes, or ≥ 35 000 /s",
                        List.of("broker", "broker-busy", "echo", "echo-busy"),
                        figures -> {
                            Summary ratio = figures.ratio("broker", "echo");
                            boolean met = ratio.median() >= 0.7
                                    || figures.summary("broker").median() >= 35_000;
                            return new Outcome(
                                    answers(figures, "broker") + ", ratio " + ratio.text(),
                                    answers(figures, "echo"),
                                    met);
                        }),
                new Row(
                        "cookie replies, this machine, one core",
                        "cookies",
                        "",
                        "≥ 200 000 /s, p99 < 1 ms at half of that",
                        List.of("broker", "broker-busy", "echo", "echo-busy", "p99-at-half"),
                        figures -> {
                            Summary latency = figures.summary("p99-at-half");
                            String measured = answers(figures, "broker") + ", ratio "
                                    + figures.ratio("broker", "echo").text() + "; p99 " + latency.text()
                                    + " ms at half";
                            boolean met = figures.summary("broker").median() >= 200_000 && latency.median() < 1;
                            return new Outcome(measured, answers(figures, "echo"), met);
                        }));
    }

    /** Who is not busy throughout was not at its limit: the generator was. */
    private static String answers(Measurement figures, String name) {
        return rate(figures, name) + " (" + figures.summary(name + "-busy").text() + " % busy)";
    }

    private static List<Row> sessions() {
        return List.of(
                beside("sessions bare, guest", "guest-bare", "54 to 109 /s", 0.6, "broker", "ip-batch"),
                beside(
                        "sessions up, bridged, isolated, routed, guest",
                        "guest-bridged",
                        "3.75 /s",
                        0.8,
                        "broker",
                        "ip-batch"),
                new Row(
                        "the same on tap, this machine",
                        "sessions",
                        "",
                        "≥ 0.6 of ip -batch, p99 handshake < 50 ms",
                        List.of("broker", "ip-batch", "ip-batch-in-use", "handshake-p99"),
                        figures -> {
                            Summary ratio = figures.ratio("broker", "ip-batch");
                            Summary latency = figures.summary("handshake-p99");
                            return new Outcome(
                                    rate(figures, "broker", ratio) + counted(figures, "broker") + "; p99 "
                                            + latency.text() + " ms",
                                    rate(figures, "ip-batch") + ", ports in use " + rate(figures, "ip-batch-in-use"),
                                    ratio.median() >= 0.6 && latency.median() < 50);
                        }),
                beside("teardown, guest", "guest-bare", "", 0.8, "broker-teardown", "ip-batch-teardown"));
    }

    private static Row beside(
            String what, String measurement, String reference, double goal, String ours, String peer) {
        return new Row(what, measurement, reference, "≥ " + goal + " of ip -batch", List.of(ours, peer), figures -> {
            Summary ratio = figures.ratio(ours, peer);
            return new Outcome(
                    rate(figures, ours, ratio) + counted(figures, ours), rate(figures, peer), ratio.median() >= goal);
        });
    }

    private static List<Row> tunnels() {
        return List.of(
                new Row(
                        "the right MTU on a small path",
                        "mtu",
                        "20.3 s",
                        "≤ 1 s",
                        List.of("broker-end", "client-end"),
                        figures -> {
                            Summary broker = figures.summary("broker-end");
                            Summary client = figures.summary("client-end");
                            return new Outcome(
                                    "%s ms, client's end %s ms".formatted(broker.text(), client.text()),
                                    "",
                                    Math.max(broker.median(), client.median()) <= 1000);
                        }),
                besideFastd("tap data path, TCP through two ends", "tap-tcp", 3, "≥ 3 × fastd, both ways"),
                besideFastd(
                        "tap data path, 64-byte packets a second",
                        "tap-packets",
                        1.3,
                        "≥ 1.3 × fastd, 2 × wanted, both ways"),
                new Row(
                        "kernel data path against a hand-made `ip l2tp` tunnel, guest",
                        "guest-data",
                        "",
                        "equal within the spread of the runs",
                        List.of("ours-up", "ours-down", "hand-up", "hand-down"),
                        figures -> new Outcome(
                                "up %s, down %s of it"
                                        .formatted(
                                                figures.ratio("ours-up", "hand-up")
                                                        .text(),
                                                figures.ratio("ours-down", "hand-down")
                                                        .text()),
                                bothWays(figures, "hand"),
                                figures.summary("ours-up").reaches(figures.summary("hand-up"))
                                        && figures.summary("ours-down").reaches(figures.summary("hand-down")))));
    }

    private static Row besideFastd(String what, String measurement, double goal, String goalText) {
        List<String> needs = Stream.of("ours", "fastd-null", "fastd-null-l2tp", "veth")
                .flatMap(name -> Stream.of(name + "-up", name + "-down"))
                .toList();
        return new Row(what, measurement, "", goalText, needs, figures -> {
            Summary up = figures.ratio("ours-up", faster(figures, "up"));
            Summary down = figures.ratio("ours-down", faster(figures, "down"));
            return new Outcome(
                    "%s; %s × up, %s × down".formatted(bothWays(figures, "ours"), up.text(), down.text()),
                    "null " + bothWays(figures, "fastd-null") + "; null@l2tp " + bothWays(figures, "fastd-null-l2tp")
                            + "; bare veth " + bothWays(figures, "veth"),
                    Math.min(up.median(), down.median()) >= goal);
        });
    }

    /** That one of fastd's two methods is compared with which did better. */
    private static String faster(Measurement figures, String way) {
        String one = "fastd-null-" + way;
        String other = "fastd-null-l2tp-" + way;
        return figures.summary(one).median() >= figures.summary(other).median() ? one : other;
    }

    private static List<Row> brokers() {
        return List.of(
                new Row(
                        "start to ready",
                        "start",
                        "",
                        "≤ 400 ms, with the class-data archive",
                        List.of("ready"),
                        figures -> {
                            Summary ready = figures.summary("ready");
                            return new Outcome(ready.text() + " ms", "", ready.median() <= 400);
                        }),
                new Row(
                        "RSS idle / per session / " + Numbers.text(MANY) + " sessions",
                        "standing",
                        "18.8 MB / 12.3 kB",
                        "≤ 80 MB (64 wanted) / ≤ 6 kB / ≤ 112 MB",
                        List.of("rss@0", "rss@" + MANY),
                        Reach::memory),
                new Row(
                        "CPU for " + Numbers.text(MANY) + " idle sessions",
                        "standing",
                        "",
                        "≤ 5 % of one core",
                        List.of("idle-cpu@" + MANY),
                        figures -> {
                            Summary share = figures.summary("idle-cpu", MANY);
                            return new Outcome(share.text() + " %", "", share.median() <= 5);
                        }),
                new Row(
                        "cost a session, cookie and packet as sessions grow 1 → " + Numbers.text(MANY),
                        "standing",
                        "linear scans",
                        "flat: ≤ " + FLAT + " × the cost with one",
                        Stream.concat(COSTS.stream(), Stream.of("packets"))
                                .flatMap(figure -> Stream.of(figure + "@1", figure + "@" + MANY))
                                .toList(),
                        Reach::growth));
    }

    private static Outcome memory(Measurement figures) {
        Summary idle = figures.summary("rss", 0);
        Summary many = figures.summary("rss", MANY);
        Summary each = figures.perRun("rss", MANY, "rss", 0, (full, empty) -> (full - empty) * 1000 / MANY);
        return new Outcome(
                "%s MB / %s kB / %s MB".formatted(idle.text(), each.text(), many.text()),
                "",
                idle.median() <= 80 && each.median() <= 6 && many.median() <= 112);
    }

    private static Outcome growth(Measurement figures) {
        double worst = 0;
        StringBuilder text = new StringBuilder();
        for (String figure : COSTS) {
            Summary ratio = figures.perRun(figure, MANY, figure, 1, (many, one) -> many / one);
            worst = Math.max(worst, ratio.median());
            text.append(figure.replace("-cpu", ""))
                    .append(' ')
                    .append(ratio.text())
                    .append(" ×, ");
        }
        Summary throughput = figures.perRun("packets", MANY, "packets", 1, (many, one) -> many / one);
        text.append("packets a second ").append(throughput.text()).append(" ×");
        return new Outcome(text.toString(), "", worst <= FLAT && throughput.median() >= 1 / FLAT);
    }

    private static String rate(Measurement figures, String figure) {
        return figures.summary(figure).text() + " " + figures.unit(figure);
    }

    private static String rate(Measurement figures, String figure, Summary ratio) {
        return rate(figures, figure) + ", ratio " + ratio.text();
    }

    private static String counted(Measurement figures, String figure) {
        return "; " + Numbers.text(figures.sessions(figure)) + " sessions";
    }

    private static String bothWays(Measurement figures, String name) {
        return Stream.of("up", "down")
                .map(way -> figures.summary(name + "-" + way).text())
                .collect(Collectors.joining(" / ", "", " " + figures.unit(name + "-up")));
    }
}
