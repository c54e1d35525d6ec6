// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.lab.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.tunneldigger.lab.BrokerProcess;
import org.tunneldigger.lab.Client;
import org.tunneldigger.lab.Lab;
import org.tunneldigger.lab.PeerCrowd;
import org.tunneldigger.lab.PluginJar;

/** A plugin comes, changes and goes in a broker under load, and no session notices. */
@InLab
@Tag("long")
final class PluginReloadScenario {
    private static final Duration SEEN = Duration.ofSeconds(20);
    private static final String PLUGIN = """
            package org.example.greeter;

            import org.pf4j.Extension;
            import org.tunneldigger.api.*;
            import org.tunneldigger.api.event.SessionUp;
            import org.tunneldigger.api.hook.SessionUpHook;

            @Extension
            public class Greeter implements PluginLifecycle, SessionUpHook {
                private PluginContext context;

                @Override
                public void start(PluginContext given) {
                    context = given;
                }

                @Override
                public void onSessionUp(SessionUp event) {
                    context.logger().info("VERSION greets {} announced {}", event.session().uuid(), event.announced());
                }
            }
            """;

    @Test
    void noPacketIsLostWhilePluginsComeAndGo(Lab lab) throws Exception {
        Path jars = Files.createDirectories(lab.file("plugins"));
        BrokerProcess broker = lab.startBroker(
                lab.settings().with("broker", "max_tunnels", "200").with("plugins", "directory", jars.toString()));
        Client client = lab.addClient();
        client.start();
        client.awaitUp();
        client.awaitTraffic();
        PeerCrowd crowd = lab.resource(PeerCrowd.open(lab.addClient().namespace(), 50, number -> 1472));
        crowd.ask(20);
        lab.await().until(SEEN, "the crowd's first tunnels", () -> crowd.standing() == 20);

        var lost = CompletableFuture.supplyAsync(() -> client.pingsLost(Lab.GATEWAY, 60));
        PluginJar.drop(greeter(lab, "one"), jars);
        said(lab, broker, "one greets lab-client-1 announced true");
        crowd.ask(30);
        said(lab, broker, "one greets crowd-29 announced false");
        PluginJar.drop(greeter(lab, "two"), jars);
        said(lab, broker, "two greets lab-client-1 announced true");
        Files.writeString(jars.resolve("broken.jar"), "this is no zip");
        said(lab, broker, "broken.jar: not loaded: it is no whole jar");
        Files.delete(jars.resolve("greeter.jar"));
        said(lab, broker, "plugin greeter: unloaded");
        crowd.ask(40);
        lab.await().until(SEEN, "tunnels after all that", () -> crowd.standing() == 40);

        assertThat(lost.get()).as("pings lost meanwhile").isZero();
        assertThat(broker.log()).doesNotContain("two greets crowd-39").doesNotContain("ends: ");
    }

    private static Path greeter(Lab lab, String version) {
        return PluginJar.make(
                "greeter",
                "org.example.greeter.Greeter",
                PLUGIN.replace("VERSION", version),
                lab.file("workshop-" + version));
    }

    private static void said(Lab lab, BrokerProcess broker, String line) {
        lab.await()
                .until(
                        lab.allowance(SEEN),
                        "the broker says: " + line,
                        () -> broker.log().contains(line));
    }
}
