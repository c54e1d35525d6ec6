// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.lab.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.tunneldigger.lab.BrokerProcess;
import org.tunneldigger.lab.BrokerSettings;
import org.tunneldigger.lab.Client;
import org.tunneldigger.lab.Command;
import org.tunneldigger.lab.Lab;
import org.tunneldigger.lab.LabProcess;

/** The example scripts and the native plugins leave the same behind in the kernel, while tunnels stand and after them. */
@InLab
final class HookEquivalenceScenario {
    private static final Duration PATIENCE = Duration.ofSeconds(40);
    private static final String TABLE = "142";

    /** One line a fact. Hardware addresses are left out: each way makes up its own. */
    private static final String STATE = """
            cd /sys/class/net
            for link in *; do
              case $link in digger*|l2tp*) ;; *) continue ;; esac
              up=no; [ $(($(cat $link/flags) & 1)) -eq 0 ] || up=yes
              mtu=$(cat $link/mtu)
              line="link $link: up $up, mtu $mtu"
              [ ! -e $link/master ] || line="$line, in $(basename $(readlink -f $link/master)), isolated $(cat $link/brport/isolated)"
              [ ! -e $link/bridge ] || line="$line, stp $(cat $link/bridge/stp_state), snooping $(cat $link/bridge/multicast_snooping)"
              echo "$line"
            done
            ip -o -4 address show | awk '$2 ~ /^digger/ { print "address", $2 ": " $4 }'
            ip -o -6 address show | awk '$2 ~ /^l2tp/ { print "address", $2 ": " $4 }'
            ip rule show | awk '/iif digger/ { sub(/^[0-9]*:\t/, (p = $1) " "); print "rule " $0 }'
            """;

    private static final String CLEAN_UP = """
            for link in $(ls /sys/class/net | grep ^digger); do ip link delete $link; done
            while ip rule show | grep -q 'iif digger'; do
              ip rule delete $(ip rule show | sed -n '/iif digger/{s/^[0-9]*://;s/\\[detached\\]//;p;q}')
            done
            while ip -6 rule show | grep -q 'iif digger'; do
              ip -6 rule delete $(ip -6 rule show | sed -n '/iif digger/{s/^[0-9]*://;s/\\[detached\\]//;p;q}')
            done
            ebtables -F FORWARD 2>/dev/null || :
            """;

    private record Outcome(List<String> standing, List<String> afterwards) {}

    @Test
    void scriptsAndPluginsLeaveTheSameKernelState(Lab lab) {
        lab.broker().ip("link delete br-lab");
        List<Client> clients = List.of(lab.addClient(), lab.addClient(), lab.addClient());
        // The third sits behind a path of 1400 bytes.
        lab.router().ip("link set to-client3 mtu 1400");
        Outcome scripts = run(lab, clients, withScripts(lab));
        lab.broker().shell(CLEAN_UP);
        Outcome plugins = run(lab, clients, withPlugins(lab));

        assertThat(scripts.standing())
                .anyMatch(line -> line.startsWith("link l2tp102-102: up yes, mtu 1346, in digger1346"));
        assertThat(plugins.standing())
                .as("while tunnels stand")
                .containsExactlyInAnyOrderElementsOf(scripts.standing());
        assertThat(plugins.afterwards()).as("after them").containsExactlyInAnyOrderElementsOf(scripts.afterwards());
    }

    private static Outcome run(Lab lab, List<Client> clients, BrokerSettings settings) {
        BrokerProcess broker = lab.startBroker(settings);
        List<LabProcess> processes = new ArrayList<>();
        for (int i = 0; i < clients.size(); i++) {
            processes.add(clients.get(i).start());
            String port = "l2tp" + (100 + i) + "-" + (100 + i);
            int mtu = i == 2 ? 1346 : 1446;
            lab.await()
                    .until(
                            PATIENCE,
                            port + " is in digger" + mtu,
                            () -> lab.broker()
                                    .shell("cat /sys/class/net/digger" + mtu + "/brif/" + port
                                            + "/isolated 2>/dev/null || :")
                                    .strip()
                                    .equals("1"));
        }
        clients.get(0).awaitTraffic();
        clients.get(1).awaitTraffic();
        assertThat(clients.get(0).pings(clients.get(1).tunnelAddress(), 56))
                .as("from one tunnel to another")
                .isFalse();
        assertThat(clients.get(0).pings(Lab.GATEWAY, 56)).as("still there").isTrue();
        List<String> standing = state(lab);
        processes.forEach(client -> {
            client.signal("TERM");
            client.awaitExit(PATIENCE);
        });
        lab.await()
                .until(
                        PATIENCE,
                        "no tunnel is left",
                        () -> state(lab).stream().noneMatch(line -> line.startsWith("link l2tp")));
        List<String> afterwards = state(lab);
        broker.process().signal("TERM");
        assertThat(broker.process().awaitExit(lab.allowance(Duration.ofSeconds(20))))
                .hasValue(0);
        return new Outcome(standing, afterwards);
    }

    /** A link may go while it is looked at: then it is looked at again. */
    private static List<String> state(Lab lab) {
        return lab.await().value(PATIENCE, "a state of the kernel that holds still", () -> {
            Command.Outcome outcome = lab.broker().command("sh", "-ec", STATE).run();
            return outcome.status() == 0 ? Optional.of(outcome.output().lines().toList()) : Optional.empty();
        });
    }

    private static BrokerSettings withScripts(Lab lab) {
        BrokerSettings settings = lab.bareSettings();
        for (String hook : List.of("session.up", "session.mtu-changed", "session.down")) {
            String wrapper = lab.file("example-" + hook).toString();
            lab.write(wrapper, """
                    #!/bin/sh
                    export TUNNELDIGGER_RULE_TABLE=%s TUNNELDIGGER_BRIDGE_ADDRESS=%s/16 TUNNELDIGGER_BRIDGE_LOCK=%s
                    exec %s/scripts/hooks/%s.sh "$@"
                    """.formatted(TABLE, Lab.GATEWAY, lab.file("bridges.lock"), lab.checkout(), hook));
            settings = settings.with("hooks", hook, wrapper);
        }
        return settings;
    }

    private static BrokerSettings withPlugins(Lab lab) {
        return lab.bareSettings()
                .with("plugins", "enabled", "bridge-per-mtu")
                .with("plugin.bridge-per-mtu", "address", Lab.GATEWAY + "/16")
                .with("plugin.bridge-per-mtu", "rule_table", TABLE);
    }
}
