// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.lab.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.tunneldigger.lab.BrokerProcess;
import org.tunneldigger.lab.Lab;
import org.tunneldigger.lab.PeerCrowd;
import org.tunneldigger.lab.PluginJar;

/** Many sessions, and a plugin whose hooks are slow, fail and hang: each session's story stays in order. */
@InLab
final class HookOrderScenario {
    /** Misbehaves by a seed; a witness that is called before it writes down what it sees. */
    private static final String PLUGIN = """
            package org.example.moody;

            import java.io.FileOutputStream;
            import java.io.IOException;
            import java.nio.charset.StandardCharsets;
            import java.nio.file.*;
            import java.util.Random;
            import org.pf4j.Extension;
            import org.tunneldigger.api.*;
            import org.tunneldigger.api.event.*;
            import org.tunneldigger.api.hook.*;

            @Extension
            public class Moody implements PluginLifecycle, SessionUpHook, SessionMtuChangedHook, SessionPreDownHook, SessionDownHook {
                private long seed;
                private FileOutputStream out; // no channel: an interrupt at the deadline would close it for all

                @Override
                public void start(PluginContext context) throws IOException {
                    seed = context.configuration().read(keys -> keys.integer("seed", 0, Long.MIN_VALUE, Long.MAX_VALUE));
                    out = new FileOutputStream(context.configuration().values().get("file"), true);
                }

                @Override public void onSessionUp(SessionUp e) throws Exception { told("up", e.session(), 0, e.mtu()); }
                @Override public void onMtuChanged(SessionMtuChanged e) throws Exception { told("mtu", e.session(), e.oldMtu(), e.newMtu()); }
                @Override public void onSessionPreDown(SessionPreDown e) throws Exception { told("pre-down", e.session(), 0, e.mtu()); }
                @Override public void onSessionDown(SessionDown e) throws Exception { told("down", e.session(), 0, e.mtu()); }

                private void told(String hook, SessionInfo session, int oldMtu, int mtu) throws Exception {
                    boolean there = Files.exists(Path.of("/sys/class/net/" + session.interfaceName()));
                    String line = session.uuid() + " " + hook + " " + there + " " + oldMtu + " " + mtu + "\\n";
                    synchronized (this) {
                        out.write(line.getBytes(StandardCharsets.UTF_8));
                    }
                    Random random = new Random(seed ^ (session.uuid() + hook).hashCode());
                    int mood = random.nextInt(100);
                    if (mood < 60) {
                        Thread.sleep(random.nextInt(20));
                    } else if (mood < 75) {
                        throw new IllegalStateException("a bad day");
                    } else if (mood < 85) {
                        throw new StackOverflowError("a very bad day");
                    } else if (mood < 88) {
                        new java.util.concurrent.CountDownLatch(1).await(); // until it is interrupted
                    } else if (mood < 89) {
                        long end = System.nanoTime() + 2_000_000_000L; // and one that ignores that
                        while (System.nanoTime() < end) {
                            try { Thread.sleep(50); } catch (InterruptedException ignored) { }
                        }
                    }
                }
            }
            """;

    private static final Duration LONG = Duration.ofMinutes(3);

    @Test
    @Tag("long")
    void eachOfAThousandSessionsSeesItsEventsInOrder(Lab lab) throws Exception {
        // In the guest an L2TP tunnel takes some ten times as long to make.
        int count = lab.datapath().equals("kernel") ? 60 : 1000;
        long seed = Long.getLong("lab.seed", new Random().nextLong());
        Path told = lab.file("told");
        Path jars = Files.createDirectories(lab.file("plugins"));
        PluginJar.drop(PluginJar.make("moody", "org.example.moody.Moody", PLUGIN, lab.file("workshop")), jars);
        BrokerProcess broker = lab.startBroker(lab.bareSettings()
                .with("broker", "max_tunnels", Integer.toString(2 * count))
                .with("broker", "hook_timeout", "0.5")
                .with("broker", "hook_concurrency", "32")
                .with("plugins", "directory", jars.toString())
                .with("plugin.moody", "seed", Long.toString(seed))
                .with("plugin.moody", "file", told.toString()));
        PeerCrowd crowd = lab.resource(
                PeerCrowd.open(lab.addClient().namespace(), count, number -> number % 3 == 0 ? 1372 : 1472));
        crowd.ask(count);
        lab.await().until(LONG, "all have a tunnel", () -> crowd.standing() == count);
        for (int i = 0; i < count / 2; i++) {
            crowd.leave(i);
        }
        lab.await()
                .until(
                        LONG,
                        "half of them have left",
                        () -> broker.log().split("ends: CLIENT_CLOSED", -1).length > count / 2);
        broker.process().signal("TERM");
        assertThat(broker.process().awaitExit(lab.allowance(Duration.ofSeconds(20))))
                .as("exit status, seed " + seed)
                .hasValue(0);

        Map<String, List<String>> stories = stories(told);
        assertThat(stories).as("seed " + seed).hasSizeGreaterThanOrEqualTo(count * 7 / 10);
        stories.forEach((uuid, story) -> checkStory("seed " + seed + ", " + uuid, story));
    }

    /** Calls may be missing: of a plugin that is stuck in one, or at the end of the time that a stop has. */
    private static void checkStory(String whose, List<String> story) {
        String hooks = story.stream().map(line -> line.split(" ")[0]).collect(Collectors.joining(" "));
        assertThat(hooks).as(whose).matches("(up ?)?(mtu ?)*(pre-down ?)?(down)?");
        int lastMtu = 0;
        for (String line : story) {
            String[] words = line.split(" ");
            boolean gone = words[0].equals("down");
            assertThat(words[1]).as(whose + ": interface in " + words[0]).isEqualTo(Boolean.toString(!gone));
            if (words[0].equals("mtu") && lastMtu != 0) {
                assertThat(Integer.parseInt(words[2])).as(whose + ": " + story).isEqualTo(lastMtu);
            }
            lastMtu = Integer.parseInt(words[3]);
        }
    }

    private static Map<String, List<String>> stories(Path told) throws IOException {
        return Files.readAllLines(told).stream()
                .collect(Collectors.groupingBy(
                        line -> line.substring(0, line.indexOf(' ')),
                        LinkedHashMap::new,
                        Collectors.mapping(line -> line.substring(line.indexOf(' ') + 1), Collectors.toList())));
    }
}
