// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.lab.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.tunneldigger.lab.BrokerProcess;
import org.tunneldigger.lab.Client;
import org.tunneldigger.lab.Command;
import org.tunneldigger.lab.Lab;

/** The built-in plugins together, as they come out of the build, in a real broker. */
@InLab
final class BuiltInPluginsScenario {
    private static final Duration PATIENCE = Duration.ofSeconds(40);

    private static final String SCRIPT = """
            on("session.authorize", e => e.uuid === "lab-client-2" ? "not this one" : true);
            on("session.profile", e => ({ labels: { seen: "yes" } }));
            on("session.up", e => log.info("up " + e.uuid + " " + net.bridgeOf(e.interface)));
            """;

    @Test
    void decidingBridgingAndBanningPluginsWorkTogether(Lab lab) throws IOException {
        lab.broker().ip("link delete br-lab");
        Path deny = Files.writeString(lab.file("deny"), "lab-client-3\n");
        BrokerProcess broker = lab.startBroker(lab.bareSettings()
                .with("plugins", "enabled", "access-list, bridge-per-mtu, ebtables-isolation, ipset-ban")
                .with("plugins", "mandatory", "access-list, bridge-per-mtu")
                .with("broker", "connection_rate_limit_per_ip_count", "1")
                .with("broker", "connection_rate_limit_per_ip_time", "600")
                .with("plugin.access-list", "deny", deny.toString())
                .with("plugin.access-list", "check_interval", "0.2")
                .with("plugin.bridge-per-mtu", "address", Lab.GATEWAY + "/16")
                .with("plugin.ipset-ban", "timeout", "600"));
        Client welcome = lab.addClient();
        Client unused = lab.addClient();
        Client refused = lab.addClient();
        welcome.start();
        welcome.awaitTraffic();
        refused.start();
        said(lab, broker, "refused uuid \"lab-client-3\": the deny list has its uuid");
        assertThat(lab.broker().shell("ls /sys/class/net"))
                .contains("l2tp100-100")
                .doesNotContain("l2tp101");

        // Another of the same address asks too soon, and its address is banned where a packet filter is there.
        welcome.start(Lab.BROKER_V4 + ":" + Lab.PORT, "-u", unused.uuid(), "-i", "td1");
        if (broker.log().contains("plugin ipset-ban: loaded")) {
            lab.await()
                    .until(
                            PATIENCE,
                            "the address is banned",
                            () -> lab.broker().shell("nft list ruleset").contains(welcome.address()));
        }
    }

    @Test
    void scriptsInJavaScriptDecideAndSee(Lab lab) throws IOException {
        assumeFalse(Boolean.getBoolean("lab.emulated"), "the engine's start takes too long in the emulated guest");
        lab.broker().ip("link delete br-lab");
        Path scripts = Files.createDirectories(lab.file("js"));
        Files.writeString(scripts.resolve("all.js"), SCRIPT);
        BrokerProcess broker = lab.startBroker(lab.bareSettings()
                .with("plugins", "enabled", "bridge-per-mtu, js-hooks")
                .with("plugin.bridge-per-mtu", "address", Lab.GATEWAY + "/16")
                .with("plugin.js-hooks", "directory", scripts.toString()));
        Client welcome = lab.addClient();
        Client refused = lab.addClient();
        refused.start();
        said(lab, broker, "denied by plugin js-hooks: all.js: not this one");
        welcome.start();
        welcome.awaitTraffic();
        said(lab, broker, "up lab-client-1 digger1446");
        assertThat(broker.log()).doesNotContain("session 101 up");
    }

    @Test
    void brokerWithoutItsMandatoryPluginDoesNotStart(Lab lab) throws IOException {
        Path file = Files.writeString(lab.file("mandatory.cfg"), """
                [broker]
                address = 192.0.2.1
                [plugins]
                enabled = access-list
                mandatory = access-list
                [plugin.access-list]
                deny = /nowhere/at/all
                """);
        Command.Outcome outcome = lab.broker()
                .command(lab.checkout().resolve("scripts/broker").toString(), file.toString())
                .run();
        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.output())
                .contains("plugin access-list: not loaded: /nowhere/at/all: there is no such file")
                .contains("plugins that 'mandatory' in [plugins] names don't run: access-list");
    }

    private static void said(Lab lab, BrokerProcess broker, String line) {
        lab.await()
                .until(
                        lab.allowance(PATIENCE),
                        "the broker says: " + line,
                        () -> broker.log().contains(line));
    }
}
