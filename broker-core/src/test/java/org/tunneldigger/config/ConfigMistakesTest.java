// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;

/** Every mistake that a value can be, alone and all together, and what is only warned about. */
class ConfigMistakesTest {
    /** A section, one line below it, what is said about the line. */
    static final List<Arguments> MISTAKES = Stream.of(
                    "broker|address=broker.example.org|address: 'broker.example.org' is not an IPv4 or IPv6 address; if it"
                            + " is a name, write the addresses that it stands for",
                    "broker|address=0.0.0.0:53|address: '0.0.0.0:53' names a port; ports go into 'port'",
                    "broker|address=[::]:53|address: '[::]:53' names a port; ports go into 'port'",
                    "broker|address=1.2.3.256|address: '1.2.3.256' is not an IPv4 address: 256 is above 255",
                    "broker|address=1.2.3|address: '1.2.3' is not an IPv4 or IPv6 address; if it is a name, write the"
                            + " addresses that it stands for",
                    "broker|address=1::2::3|address: '1::2::3' is not an IPv4 or IPv6 address",
                    "broker|address=::ffff:1.2.3.4|address: '::ffff:1.2.3.4' is an IPv4 address in IPv6 form; write the IPv4"
                            + " address",
                    "broker|address=fe80::1%%eth0|address: the part of 'fe80::1%eth0' behind % is an interface's number",
                    "broker|address=::,|address: there is nothing between two commas or behind the last one",
                    "broker|port=|port: there is none",
                    "broker|port=http|port: 'http' is not a whole number",
                    "broker|port=53 ; dns|port: '53 ; dns' is not a whole number",
                    "broker|port=0|port: '0' is not within 1…65535",
                    "broker|port=1,65536|port: '65536' is not within 1…65535",
                    "broker|interface=sixteen-bytes-xx|interface: 'sixteen-bytes-xx' is longer than an interface's name can be"
                            + " (15 bytes)",
                    "broker|interface=eth0 eth1|interface: 'eth0 eth1' can't be the name of one interface",
                    "broker|datapath=user|datapath: 'user' is none of AUTO, KERNEL, TAP",
                    "broker|max_tunnels=0|max_tunnels: '0' is not within 1…99999",
                    "broker|max_tunnels=1.5|max_tunnels: '1.5' is not a whole number",
                    "broker|max_tunnels=99999999999999999999|max_tunnels: '99999999999999999999' is not within 1…99999",
                    "broker|max_tunnels=99999|max_tunnels: with tunnel_id_base 100 and max_tunnels 99999 ids reach 100098,"
                            + " above 99999: l2tp99999-99999 is the longest interface name",
                    "broker|tunnel_id_base=98977|tunnel_id_base: with tunnel_id_base 98977 and max_tunnels 1024 ids reach"
                            + " 100000, above 99999: l2tp99999-99999 is the longest interface name",
                    "broker|tunnel_id_base=-1|tunnel_id_base: '-1' is not within 1…99999",
                    "broker|pmtu=65536|pmtu: '65536' is not within 0…65535",
                    "broker|connection_rate_limit=fast|connection_rate_limit: 'fast' is not a number of seconds",
                    "broker|connection_rate_limit=nan|connection_rate_limit: 'nan' is not a number of seconds",
                    "broker|connection_rate_limit=-0.1|connection_rate_limit: '-0.1' is not within 0…86400 seconds",
                    "broker|connection_rate_limit=1e999|connection_rate_limit: '1e999' is not within 0…86400 seconds",
                    "broker|connection_rate_limit_per_ip_count=-1|connection_rate_limit_per_ip_count: '-1' is not within"
                            + " 0…2147483647",
                    "broker|connection_rate_limit_per_ip_time=.|connection_rate_limit_per_ip_time: '.' is not a number of"
                            + " seconds",
                    "broker|hook_timeout=0|hook_timeout: '0' is not within above 0…3600 seconds",
                    "broker|hook_concurrency=0|hook_concurrency: '0' is not within 1…1024",
                    "log|verbosity=LOUD|verbosity: 'LOUD' is none of CRITICAL, DEBUG, ERROR, FATAL, INFO, NOTSET, WARN,"
                            + " WARNING",
                    "log|log_ip_addresses=maybe|log_ip_addresses: 'maybe' is neither yes, true, on, 1 nor no, false, off, 0",
                    "log|log_ip_addresses=|log_ip_addresses: '' is neither yes, true, on, 1 nor no, false, off, 0",
                    "hooks|session.up=scripts/up.sh|session.up: 'scripts/up.sh' is not an absolute path",
                    "plugins|directory=plugins|directory: 'plugins' is not an absolute path",
                    "plugins|enabled=a b|enabled: 'a b' can't be the id of a plugin",
                    "plugins|enabled=a,a|enabled: 'a' is there twice")
            .map(line -> line.split("\\|", -1))
            .map(parts -> Arguments.of(parts[0], parts[1], parts[2]))
            .toList();

    @ParameterizedTest
    @FieldSource("MISTAKES")
    void eachMistake(String section, String line, String message) {
        assertThat(Read.mistakes("; comment", "[" + section + "]", "", line))
                .containsExactly("broker.cfg:4: " + message);
    }

    @Test
    void allMistakesAtOnceInTheOrderOfTheFile() {
        assertThat(Read.mistakes(
                        "lost=1",
                        "[hooks]",
                        "session.up=up.sh",
                        "[plugin.]",
                        "[broker]",
                        "address=a,b",
                        "port=x",
                        "  , y",
                        "max_tunnels=-",
                        "tunnel_id_base=99999",
                        "nonsense",
                        "port=4",
                        "[log]",
                        "verbosity=?",
                        "log_ip_addresses=?",
                        "[broker]"))
                .extracting(text -> text.substring("broker.cfg:".length(), text.indexOf(' ')))
                .containsExactly("1:", "3:", "4:", "6:", "6:", "7:", "7:", "9:", "11:", "12:", "14:", "15:", "16:");
    }

    @Test
    void unknownNamesAreWarnedAboutWithAGuess() {
        assertThat(Read.warnings(
                        "[Broker]",
                        "port=x",
                        "[broker]",
                        "prot=1",
                        "max-tunnels=1",
                        "verbosity=DEBUG",
                        "quux=1",
                        "[hook]",
                        "[hooks]",
                        "session.predown=",
                        "[Plugin.x]",
                        "[plugin.y]",
                        "[else]"))
                .containsExactly(
                        "broker.cfg:1: unknown section [Broker] is ignored; did you mean [broker]?",
                        "broker.cfg:4: unknown key 'prot' in [broker] is ignored",
                        "broker.cfg:5: unknown key 'max-tunnels' in [broker] is ignored; did you mean 'max_tunnels'?",
                        "broker.cfg:6: unknown key 'verbosity' in [broker] is ignored; it belongs in [log]",
                        "broker.cfg:7: unknown key 'quux' in [broker] is ignored",
                        "broker.cfg:8: unknown section [hook] is ignored; did you mean [hooks]?",
                        "broker.cfg:10: unknown key 'session.predown' in [hooks] is ignored; did you mean"
                                + " 'session.pre-down'?",
                        "broker.cfg:11: unknown section [Plugin.x] is ignored; did you mean [plugin.x]?",
                        "broker.cfg:12: [plugin.y] has no effect: 'enabled' in [plugins] lacks 'y'",
                        "broker.cfg:13: unknown section [else] is ignored");
    }

    @Test
    void anAddressOrPortNamedTwiceCountsOnce() {
        String[] lines = {"[broker]", "address=::, 0::0", "port=53,8942,053,53"};
        assertThat(Read.warnings(lines))
                .containsExactly(
                        "broker.cfg:2: address: '0::0' is there twice; once counts",
                        "broker.cfg:3: port: '053' is there twice; once counts",
                        "broker.cfg:3: port: '53' is there twice; once counts");
        assertThat(Read.good(lines).listen().addresses()).hasSize(1);
        assertThat(Read.good(lines).listen().ports()).containsExactly(53, 8942);
    }

    @Test
    void aHookMayNotBeSetTwice() {
        assertThat(Read.mistakes("[plugin.exec-scripts]", "session.up=/a", "[hooks]", "session.up=/b"))
                .containsExactly("broker.cfg:4: session.up: it is also set at line 2 in [plugin.exec-scripts]");
    }

    @Test
    void oneWrongNumberIsNotReportedAsTwo() {
        List<String> mistakes = new ArrayList<>(Read.mistakes("[broker]", "max_tunnels=x", "tunnel_id_base=99999"));
        assertThat(mistakes).hasSize(1);
    }
}
