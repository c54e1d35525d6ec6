// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tunneldigger.protocol.Endpoint;

class ArgumentsTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "                                        | what to load with (cookies, sessions or data) is missing",
                "flowers 127.0.0.1:8942                  | it loads with cookies, sessions or data, not with flowers",
                "cookies                                 | ADDRESS:PORT is missing",
                "cookies 127.0.0.1                       | 127.0.0.1 is not ADDRESS:PORT or [IPV6]:PORT",
                "cookies 2001:db8::1:8942                | 2001:db8::1:8942 is not ADDRESS:PORT or [IPV6]:PORT",
                "cookies 127.0.0.1:0                     | the port of 127.0.0.1:0 must be a number from 1 to 65535, not 0",
                "cookies nowhere.invalid:8942            | no address is known for nowhere.invalid",
                "cookies 127.0.0.1:1 --rate              | --rate needs a value",
                "cookies 127.0.0.1:1 --rate fast         | --rate must be a number from 1 to 10000000, not fast",
                "cookies 127.0.0.1:1 --rate 1 --rate 2   | --rate is given twice",
                "cookies 127.0.0.1:1 --count 5           | there is no option --count here",
                "cookies 127.0.0.1:1 more                | nobody knows what more is for",
                "sessions 127.0.0.1:1                    | --count is missing",
                "data 127.0.0.1:1 --count 1 --rate 1     | --size is missing",
                "data 127.0.0.1:1 --count 1 --rate 1 --size 13 | --size must be a number from 14 to 1500, not 13",
            })
    void aMistakeIsNamedAndTheUsageTold(String line, String message) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        List<String> words = line == null ? List.of() : List.of(line.strip().split(" +"));
        assertThat(Load.run(words, new PrintStream(out), new PrintStream(err))).isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8)).startsWith("load: " + message + "\nusage: ");
        assertThat(out.size()).isZero();
    }

    @Test
    void takesEachOptionWhereverItStands() throws Exception {
        var arguments = new Arguments(
                List.of("--rate", "5", "cookies", "--teardown", "[2001:db8::1]:53"), Set.of("--teardown"));
        assertThat(arguments.word("mode")).isEqualTo("cookies");
        assertThat(arguments.endpoint()).isEqualTo(Endpoint.v6(0x2001_0DB8_0000_0000L, 1, 0, 53));
        assertThat(arguments.integer("--rate", 1, 10, 0)).isEqualTo(5);
        assertThat(arguments.integer("--seconds", 1, 10, 7)).isEqualTo(7);
        assertThat(arguments.flag("--teardown")).isTrue();
        assertThat(arguments.text("--json")).isEmpty();
        arguments.end();
    }
}
