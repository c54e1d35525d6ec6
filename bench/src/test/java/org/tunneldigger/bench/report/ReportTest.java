// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From the files that scripts/bench leaves to the table and the files that people read. */
final class ReportTest {
    private final Path folder;

    ReportTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @BeforeEach
    void nothingMeasured() throws IOException {
        write("raw.csv");
        write("absent.csv");
        write("about.csv", "command,scripts/bench --only a,b", "kernel,Linux 6.1");
    }

    @Test
    void everyRowIsThereThoughNothingWasMeasured() throws IOException {
        assertThat(table().lines().skip(2)).hasSize(14).allMatch(line -> line.endsWith("| not measured: left out |"));
    }

    @Test
    void ratiosAreOfTheSameRun() throws IOException {
        // Of the medians the ratio would be 1; the machine was slower in the second run for both.
        write(
                "raw.csv",
                "guest-bare,1,broker,500,60,/s",
                "guest-bare,1,ip-batch,500,120,/s",
                "guest-bare,2,broker,500,30,/s",
                "guest-bare,2,ip-batch,500,60,/s",
                "guest-bare,3,broker,500,60,/s",
                "guest-bare,3,ip-batch,500,60,/s");
        assertThat(row("sessions bare, guest"))
                .contains("60.0 (30.0 to 60.0) /s, ratio 0.50 (0.50 to 1.00); 500 sessions")
                .contains("60.0 (60.0 to 120) /s; reference 54 to 109 /s")
                .endsWith("| missed |");
    }

    @Test
    void aGoalThatIsReachedIsMet() throws IOException {
        write("raw.csv", "guest-bare,1,broker,200,60,/s", "guest-bare,1,ip-batch,200,100,/s");
        assertThat(row("sessions bare, guest")).endsWith("| met |");
    }

    @Test
    void cookiesNeedBothRateAndLatency() throws IOException {
        String[] lines = {
            "cookies,1,broker,0,200000,/s",
            "cookies,1,broker-busy,0,99,%",
            "cookies,1,echo,0,250000,/s",
            "cookies,1,echo-busy,0,80,%",
            "cookies,1,p99-at-half,0,0.9,ms",
        };
        write("raw.csv", lines);
        assertThat(row("cookie replies, this machine"))
                .contains("200 000 /s (99.0 % busy), ratio 0.80; p99 0.90 ms at half")
                .endsWith("| met |");
        lines[4] = "cookies,1,p99-at-half,0,1.0,ms";
        write("raw.csv", lines);
        assertThat(row("cookie replies, this machine")).endsWith("| missed |");
        lines[4] = "cookies,1,p99-at-half,0,0.9,ms";
        lines[0] = "cookies,1,broker,0,199999,/s";
        write("raw.csv", lines);
        assertThat(row("cookie replies, this machine")).endsWith("| missed |");
    }

    @Test
    void fastdIsTakenByItsFasterMethodAndBothWaysCount() throws IOException {
        write(
                "raw.csv",
                "tap-tcp,1,ours-up,0,3000,Mbit/s",
                "tap-tcp,1,ours-down,0,3000,Mbit/s",
                "tap-tcp,1,fastd-null-up,0,500,Mbit/s",
                "tap-tcp,1,fastd-null-down,0,500,Mbit/s",
                "tap-tcp,1,fastd-null-l2tp-up,0,1000,Mbit/s",
                "tap-tcp,1,fastd-null-l2tp-down,0,1001,Mbit/s",
                "tap-tcp,1,veth-up,0,9000,Mbit/s",
                "tap-tcp,1,veth-down,0,9000,Mbit/s");
        assertThat(row("tap data path, TCP"))
                .contains("3 000 / 3 000 Mbit/s; 3.00 × up, 3.00 × down")
                .endsWith("| missed |");
    }

    @Test
    void memoryIsJudgedByAllThree() throws IOException {
        write("raw.csv", "standing,1,rss,0,80,MB", "standing,1,rss,4096,100,MB");
        assertThat(row("RSS idle")).contains("80.0 MB / 4.88 kB / 100 MB").endsWith("| met |");
        write("raw.csv", "standing,1,rss,0,80,MB", "standing,1,rss,4096,111,MB");
        assertThat(row("RSS idle")).endsWith("| missed |");
    }

    @Test
    void costsThatGrowAreNotFlat() throws IOException {
        String[] flat = {
            "standing,1,session-cpu,1,900,us", "standing,1,session-cpu,4096,800,us",
            "standing,1,cookie-cpu,1,5,us", "standing,1,cookie-cpu,4096,6,us",
            "standing,1,packet-cpu,1,4,us", "standing,1,packet-cpu,4096,5,us",
            "standing,1,packets,1,100000,/s", "standing,1,packets,4096,90000,/s",
        };
        write("raw.csv", flat);
        assertThat(row("cost a session"))
                .contains("session 0.89 ×, cookie 1.20 ×, packet 1.25 ×, packets a second 0.90 ×")
                .endsWith("| met |");
        flat[7] = "standing,1,packets,4096,50000,/s";
        write("raw.csv", flat);
        assertThat(row("cost a session")).endsWith("| missed |");
        flat[7] = "standing,1,packets,4096,90000,/s";
        flat[3] = "standing,1,cookie-cpu,4096,8,us";
        write("raw.csv", flat);
        assertThat(row("cost a session")).endsWith("| missed |");
    }

    @Test
    void whatIsAbsentHasItsReason() throws IOException {
        write("raw.csv", "cookies,1,echo,0,250000,/s");
        write(
                "absent.csv",
                "cookies,broken,no broker there",
                "cookies,broken,later",
                "tap-tcp,skipped,fastd is missing");
        assertThat(row("cookie replies, this machine")).endsWith("| not measured: no broker there |");
        assertThat(row("tap data path, TCP")).endsWith("| not measured: fastd is missing |");
        assertThat(report()).contains("| cookies | broke: no broker there |");
    }

    @Test
    void plotsAreOfFiguresOverSessions() throws Exception {
        write(
                "raw.csv",
                "standing,1,rss,0,50,MB",
                "standing,1,rss,1,52,MB",
                "standing,2,rss,1,54,MB",
                "standing,1,rss,4096,70,MB",
                "guest-lookup,1,one-port,1,3000,/s");
        assertThat(report()).contains("(memory.svg)").doesNotContain("lookup.svg");
        assertThat(folder.resolve("lookup.svg")).doesNotExist();
        String svg = Files.readString(folder.resolve("memory.svg"));
        var document = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(folder.resolve("memory.svg").toFile());
        assertThat(document.getElementsByTagName("circle").getLength()).isEqualTo(2);
        assertThat(svg).contains(">4096<").contains(">resident memory of the broker, MB<");
    }

    @Test
    void programsGetTheSame() throws IOException {
        write("raw.csv", "start,1,ready,0,300,ms", "start,2,ready,0,500,ms");
        write("about.csv", "processor,a \"fast\" one, says \\ its maker");
        table();
        assertThat(Files.readString(folder.resolve("results.json")))
                .contains("\"processor\": \"a \\\"fast\\\" one, says \\\\ its maker\"")
                .contains("\"what\": \"start to ready\", \"measured\": \"400 (300 to 500) ms\"")
                .contains("\"verdict\": \"met\"")
                .contains(
                        "\"figure\": \"ready\", \"sessions\": 0, \"unit\": \"ms\", \"median\": 400.0, \"least\": 300.0");
    }

    @Test
    void aLineThatIsNoneIsRefused() throws IOException {
        write("raw.csv", "start,1,ready,300,ms");
        assertThatThrownBy(this::table).hasMessageContaining("start,1,ready,300,ms");
    }

    private void write(String name, String... lines) throws IOException {
        Files.writeString(folder.resolve(name), String.join("\n", lines) + (lines.length > 0 ? "\n" : ""));
    }

    private String table() throws IOException {
        var bytes = new ByteArrayOutputStream();
        Report.write(folder, new PrintStream(bytes, true, StandardCharsets.UTF_8));
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private String row(String start) throws IOException {
        return table().lines()
                .filter(line -> line.startsWith("| " + start))
                .findFirst()
                .orElseThrow();
    }

    private String report() throws IOException {
        table();
        return Files.readString(folder.resolve("report.md"));
    }
}
