// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import java.net.InetAddress;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What good files come to. */
class ConfigReaderTest {

    @Test
    void nothingAtAllGivesTheDefaults() throws Exception {
        BrokerConfig config = Read.clean("");
        assertThat(config.listen())
                .isEqualTo(new BrokerConfig.Listen(
                        List.of(InetAddress.getByName("0.0.0.0"), InetAddress.getByName("::")), List.of(8942), null));
        assertThat(config.datapath()).isEqualTo(DatapathSetting.AUTO);
        assertThat(config.sessions()).isEqualTo(new BrokerConfig.Sessions(1024, 100, 0));
        assertThat(config.limits()).isEqualTo(new BrokerConfig.Limits(0, 0, 0));
        assertThat(config.hooks()).isEqualTo(new BrokerConfig.Hooks(TimeUnit.SECONDS.toNanos(10), 16));
        assertThat(config.plugins())
                .isEqualTo(new BrokerConfig.Plugins(null, List.of(), List.of(), AuthorizeFailure.DENY, Map.of()));
        assertThat(config.log()).isEqualTo(new BrokerConfig.Log(LogVerbosity.INFO, false));
    }

    @Test
    void aDeployedFileIsReadAsItWasMeant() throws Exception {
        ConfigResult.Loaded loaded = (ConfigResult.Loaded) ConfigReader.read(resource("/config/deployed.cfg"));
        BrokerConfig config = loaded.config();
        assertThat(config.listen())
                .isEqualTo(new BrokerConfig.Listen(
                        List.of(InetAddress.getByName("192.0.2.10")), List.of(53, 123, 8942), "eth0"));
        assertThat(config.sessions()).isEqualTo(new BrokerConfig.Sessions(256, 100, 0));
        assertThat(config.limits())
                .isEqualTo(
                        new BrokerConfig.Limits(TimeUnit.MILLISECONDS.toNanos(200), 20, TimeUnit.SECONDS.toNanos(60)));
        assertThat(config.limits().limitsAddresses()).isTrue();
        assertThat(config.log()).isEqualTo(new BrokerConfig.Log(LogVerbosity.DEBUG, true));
        assertThat(config.plugins().enabled()).containsExactly("exec-scripts");
        assertThat(config.plugins().section("exec-scripts").values())
                .containsOnly(
                        entry("session.up", "/nowhere/100%/session.up.sh"),
                        entry("session.down", "/nowhere/session.down.sh"));
    }

    @Test
    void oldKeysAreWarnedAboutWithWhatReplacesThem() throws Exception {
        ConfigResult.Loaded loaded = (ConfigResult.Loaded) ConfigReader.read(resource("/config/deployed.cfg"));
        assertThat(loaded.warnings())
                .extracting(ConfigMessage::line)
                .containsExactly(14, 15, 16, 17, 18, 19, 27, 33, 35);
        assertThat(loaded.warnings().get(5).toString())
                .endsWith(
                        "deployed.cfg:19: 'pmtu_discovery' is no longer used: 'pmtu' replaces it: 0 discovers the path"
                                + " MTU, a number fixes the tunnel's");
        for (OldKey key : OldKey.values()) {
            assertThat(loaded.warnings())
                    .anySatisfy(message -> assertThat(message.text())
                            .isEqualTo("'" + key.keyName() + "' is no longer used: " + key.replacement()));
        }
        assertThat(loaded.warnings().get(7).text()).isEqualTo("session.up: there is no '/nowhere/100%/session.up.sh'");
    }

    @Test
    void everyKeyOfOurOwn(@TempDir Path folder) {
        BrokerConfig config = Read.clean(
                "[broker]",
                "datapath = Tap",
                "hook_timeout = 2.5",
                "hook_concurrency = 4",
                "[plugins]",
                "directory = " + folder,
                "enabled = first, exec-scripts ,last",
                "[plugin.exec-scripts]",
                "Timeout = 3",
                "[plugin.last]",
                "Key-With.Signs: a = b");
        assertThat(config.datapath()).isEqualTo(DatapathSetting.TAP);
        assertThat(config.hooks()).isEqualTo(new BrokerConfig.Hooks(2_500_000_000L, 4));
        assertThat(config.plugins().directory()).isEqualTo(folder);
        assertThat(config.plugins().enabled()).containsExactly("first", "exec-scripts", "last");
        assertThat(config.plugins().section("exec-scripts").values()).containsOnly(entry("timeout", "3"));
        assertThat(config.plugins().section("last").values()).containsOnly(entry("key-with.signs", "a = b"));
        assertThat(config.plugins().section("first").values()).isEmpty();
    }

    @Test
    void valuesKeepTheirLineAndDecidingPluginsTheirRules() {
        BrokerConfig.Plugins plugins = Read.good(
                        "[plugins]",
                        "enabled = a, b",
                        "mandatory = b",
                        "authorize_failure = Allow",
                        "[plugin.a]",
                        "",
                        "key = value")
                .plugins();
        assertThat(plugins.mandatory()).containsExactly("b");
        assertThat(plugins.authorizeFailure()).isEqualTo(AuthorizeFailure.ALLOW);
        assertThat(plugins.section("a").lines()).containsOnly(entry("key", 7));
    }

    @Test
    void scriptsJoinTheKeysOfTheirPlugin(@TempDir Path folder) throws Exception {
        Path script = Files.createFile(folder.resolve("up.sh"));
        assertThat(script.toFile().setExecutable(true)).isTrue();
        BrokerConfig config = Read.clean(
                "[hooks]",
                "session.up=" + script,
                "[plugin.exec-scripts]",
                "max_processes=3",
                "[plugins]",
                "enabled=a");
        assertThat(config.plugins().enabled()).containsExactly("a", "exec-scripts");
        assertThat(config.plugins().section("exec-scripts").values())
                .containsOnly(entry("max_processes", "3"), entry("session.up", script.toString()));
    }

    @Test
    void scriptsThatCannotRunAreWarnedAbout(@TempDir Path folder) throws Exception {
        Path script = Files.createFile(folder.resolve("up.sh"));
        assertThat(Read.warnings("[hooks]", "session.up=" + script, "session.down=" + folder))
                .as("but for a directory, whose scripts run")
                .containsExactly("broker.cfg:2: session.up: '" + script + "' is not executable");
    }

    @Test
    void addressesOfBothKinds() throws Exception {
        BrokerConfig config =
                Read.clean("[broker]", "address = 192.0.2.1,2001:db8::1 , [2001:db8::2], fe80::1%%2, fe80::1%%3, ::");
        assertThat(config.listen().addresses())
                .extracting(InetAddress::getHostAddress)
                .containsExactly(
                        "192.0.2.1",
                        "2001:db8:0:0:0:0:0:1",
                        "2001:db8:0:0:0:0:0:2",
                        "fe80:0:0:0:0:0:0:1%2",
                        "fe80:0:0:0:0:0:0:1%3",
                        "0:0:0:0:0:0:0:0");
        assertThat(Read.clean("[broker]", "address=").listen())
                .isEqualTo(Read.clean("").listen());
        assertThat(Read.clean("[broker]", "address: ::").listen().addresses()).hasSize(1);
        assertThat(Read.clean("[broker]", "address=::").listen().addresses()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({"1,true", "YES,true", "True,true", "on,true", "0,false", "no,false", "FALSE,false", "Off,false"})
    void booleansAsPythonReadsThem(String text, boolean value) {
        assertThat(Read.clean("[log]", "log_ip_addresses=" + text).log().ipAddresses())
                .isEqualTo(value);
    }

    @ParameterizedTest
    @CsvSource({
        "NOTSET,NOTSET",
        "debug,DEBUG",
        "Info,INFO",
        "WARN,WARNING",
        "warning,WARNING",
        "ERROR,ERROR",
        "fatal,CRITICAL",
        "CRITICAL,CRITICAL"
    })
    void verbosities(String text, LogVerbosity value) {
        assertThat(Read.clean("[log]", "verbosity = " + text).log().verbosity()).isEqualTo(value);
    }

    @ParameterizedTest
    @CsvSource({
        "0,0",
        "0.0,0",
        "-0,0",
        "1,1000000000",
        ".2,200000000",
        "5.,5000000000",
        "+1_0.5,10500000000",
        "2e-1,200000000",
        "1E+1,10000000000",
        "1e-300,1",
        "86400,86400000000000"
    })
    void secondsAsPythonReadsThem(String text, long nanos) {
        assertThat(Read.clean("[broker]", "connection_rate_limit=" + text)
                        .limits()
                        .connectionIntervalNanos())
                .isEqualTo(nanos);
    }

    @ParameterizedTest
    @CsvSource({"1_024,1024", "+5,5", "007,7"})
    void integersAsPythonReadsThem(String text, int value) {
        assertThat(Read.clean("[broker]", "max_tunnels = " + text).sessions().maxTunnels())
                .isEqualTo(value);
    }

    @Test
    void theHighestTunnelIdsFitAnInterfaceName() {
        assertThat(Read.clean("[broker]", "tunnel_id_base=99000", "max_tunnels=1000")
                        .sessions()
                        .idBase())
                .isEqualTo(99000);
        assertThat(Read.clean("[broker]", "tunnel_id_base=1", "max_tunnels=99999")
                        .sessions()
                        .maxTunnels())
                .isEqualTo(99999);
    }

    @Test
    void aFixedMtuThatTheInterfaceCannotHaveIsWarnedAbout() {
        assertThat(Read.clean("[broker]", "pmtu=1280").sessions().fixedPmtu()).isEqualTo(1280);
        assertThat(Read.clean("[broker]", "pmtu=1446").sessions().fixedPmtu()).isEqualTo(1446);
        assertThat(Read.warnings("[broker]", "pmtu=1500"))
                .singleElement()
                .asString()
                .startsWith("broker.cfg:2: pmtu: ");
        assertThat(Read.warnings("[broker]", "pmtu=1279")).hasSize(1);
        assertThat(Read.good("[broker]", "pmtu=65535").sessions().fixedPmtu()).isEqualTo(65535);
    }

    @Test
    void halfALimitPerAddressIsWarnedAbout() {
        assertThat(Read.warnings("[broker]", "connection_rate_limit_per_ip_count=3"))
                .singleElement()
                .asString()
                .startsWith("broker.cfg:2: the limit per address is off");
        assertThat(Read.good("[broker]", "connection_rate_limit_per_ip_time=3")
                        .limits()
                        .limitsAddresses())
                .isFalse();
    }

    @Test
    void whatIsReadCannotBeChanged() {
        BrokerConfig.Plugins plugins =
                Read.good("[plugins]", "enabled=a", "[plugin.a]", "k=v").plugins();
        org.assertj.core.api.Assertions.assertThatThrownBy(
                        () -> plugins.section("a").values().put("k", "w"))
                .isInstanceOf(UnsupportedOperationException.class);
    }

    private static Path resource(String name) throws URISyntaxException {
        return Path.of(
                Objects.requireNonNull(ConfigReaderTest.class.getResource(name)).toURI());
    }
}
