// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.tunneldigger.api.event.AccessDecision;
import org.tunneldigger.api.event.ClientFeature;
import org.tunneldigger.api.event.SessionProfile;
import org.tunneldigger.api.event.SessionRequest;
import org.tunneldigger.api.event.SessionUp;
import org.tunneldigger.api.hook.SessionAuthorizeHook;
import org.tunneldigger.api.hook.SessionProfileHook;
import org.tunneldigger.api.hook.SessionUpHook;
import org.tunneldigger.broker.BrokerCounters.Event;
import org.tunneldigger.broker.RunningBroker.Choices;
import org.tunneldigger.config.AuthorizeFailure;
import org.tunneldigger.hooks.RegisteredPlugin;
import org.tunneldigger.protocol.ControlMessage;
import org.tunneldigger.protocol.ControlMessage.LimitDownstream;
import org.tunneldigger.protocol.ControlMessage.PmtuNotify;
import org.tunneldigger.protocol.ControlMessage.Prepare;
import org.tunneldigger.protocol.ControlMessage.Tunnel;

/** Plugins have a say in who gets a session and how it is, over real sockets. */
class DecidingHooksTest {
    private static final SessionAuthorizeHook NO_BAD =
            request -> request.uuid().equals("bad") ? AccessDecision.deny("on the\nlist") : AccessDecision.allow();

    @Test
    void whoIsDeniedGetsAnErrorAndNothingIsMadeForIt() throws Exception {
        List<SessionRequest> asked = Collections.synchronizedList(new ArrayList<>());
        SessionAuthorizeHook witness = request -> {
            asked.add(request);
            return AccessDecision.allow();
        };
        try (RunningBroker running = new RunningBroker(Choices.defaults().withHooks(NO_BAD, witness));
                TestClient bad = new TestClient(running.endpoint());
                TestClient good = new TestClient(running.endpoint())) {
            assertThat(bad.prepare("bad")).isEqualTo(ControlMessage.Error.REFUSED);
            assertThat(running.datapath.events).noneMatch(event -> event.startsWith("open"));
            assertThat(running.inLoop(() -> running.broker.counters().of(Event.SESSIONS_DENIED)))
                    .isEqualTo(1);
            assertThat(good.prepare("good")).isInstanceOf(Tunnel.class);
            // The first that denies ends it: the second hook was asked about the good one alone.
            assertThat(asked).singleElement().satisfies(request -> {
                assertThat(request.uuid()).isEqualTo("good");
                assertThat(request.remote()).isEqualTo(good.endpoint().toSocketAddress());
                assertThat(request.local()).isEqualTo(running.endpoint().toSocketAddress());
                assertThat(request.features()).containsExactly(ClientFeature.UNIQUE_SESSION_ID);
            });
        }
    }

    @Test
    void profileSetsMtuAndLimitsAndStandsInTheEvents() throws Exception {
        List<SessionUp> ups = Collections.synchronizedList(new ArrayList<>());
        SessionProfileHook first = request -> SessionProfile.none()
                .withMtu(1350)
                .withDownBitsPerSecond(5_000_000)
                .withUpBitsPerSecond(2_000_000)
                .withLabel("site", "roof");
        SessionProfileHook second = request ->
                SessionProfile.none().withMtu(1400).withBridge("br-mesh").withLabel("site", "cellar");
        SessionUpHook up = ups::add;
        try (RunningBroker running = new RunningBroker(Choices.defaults().withHooks(first, second, up));
                TestClient client = new TestClient(running.endpoint())) {
            assertThat(client.prepare("a")).isInstanceOf(Tunnel.class);
            assertThat(client.receive(PmtuNotify.class).tunnelMtu()).isEqualTo(1350);
            RunningBroker.await("session.up", () -> !ups.isEmpty());
            SessionProfile profile = ups.get(0).session().profile();
            assertThat(ups.get(0).mtu()).isEqualTo(1350);
            assertThat(profile.bridge()).contains("br-mesh");
            assertThat(profile.labels()).containsEntry("site", "roof");
            assertThat(running.datapath.events)
                    .contains("open l2tp100-100 mtu 1350", "limit 100 5000", "upstream 100 250000");

            // The client may ask for less, and gets no more than it is granted.
            client.send(new LimitDownstream(0, 800_000));
            RunningBroker.await(
                    "its limit",
                    () -> running.datapath.events.stream()
                                    .filter("limit 100 5000"::equals)
                                    .count()
                            == 2);
        }
    }

    @Test
    void pluginThatFailsToAnswerCostsTheClientItsSessionUnlessConfiguredOtherwise() throws Exception {
        SessionAuthorizeHook broken = request -> {
            throw new NoClassDefFoundError("some/library");
        };
        SessionProfileHook alsoBroken = request -> {
            throw new IllegalStateException("no profile");
        };
        for (AuthorizeFailure policy : AuthorizeFailure.values()) {
            Choices choices = Choices.defaults().withAuthorizeFailure(policy).withHooks(broken, alsoBroken);
            try (RunningBroker running = new RunningBroker(choices);
                    TestClient client = new TestClient(running.endpoint())) {
                ControlMessage answer = client.prepare("a");
                switch (policy) {
                    case DENY -> assertThat(answer).isEqualTo(ControlMessage.Error.REFUSED);
                    case ALLOW -> assertThat(answer).isInstanceOf(Tunnel.class);
                }
            }
        }
    }

    @Test
    void hungPluginIsCutOffAndOthersAreAnsweredMeanwhile() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        SessionAuthorizeHook hangs = request -> {
            if (request.uuid().equals("slow")) {
                never.await();
            }
            return AccessDecision.allow();
        };
        try (RunningBroker running = new RunningBroker(Choices.defaults().withHooks(hangs));
                TestClient slow = new TestClient(running.endpoint());
                TestClient quick = new TestClient(running.endpoint())) {
            slow.send(new Prepare(slow.cookie(), "slow", OptionalLong.of(1), OptionalLong.of(1)));
            assertThat(quick.prepare("quick")).isInstanceOf(Tunnel.class);
            assertThat(slow.receive(ControlMessage.Error.class)).isEqualTo(ControlMessage.Error.REFUSED);
        }
    }

    @Test
    void repeatedRequestIsAskedAboutOnceAndCountsAsATunnelMeanwhile() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        CountDownLatch answer = new CountDownLatch(1);
        SessionAuthorizeHook slow = request -> {
            asked.incrementAndGet();
            assertThat(answer.await(5, TimeUnit.SECONDS)).isTrue();
            return AccessDecision.allow();
        };
        try (RunningBroker running =
                        new RunningBroker(Choices.defaults().withMaxTunnels(1).withHooks(slow));
                TestClient client = new TestClient(running.endpoint());
                TestClient other = new TestClient(running.endpoint())) {
            Prepare prepare = new Prepare(client.cookie(), "a", OptionalLong.of(1), OptionalLong.of(1));
            for (int i = 0; i < 3; i++) {
                client.send(prepare);
            }
            RunningBroker.await("the question", () -> asked.get() == 1);
            assertThat(other.prepare("b")).as("no room").isEqualTo(ControlMessage.Error.REFUSED);
            answer.countDown();
            assertThat(client.receive()).as("the first answer of all").isInstanceOf(Tunnel.class);
            assertThat(asked).hasValue(1);
        }
    }

    @Test
    void pluginThatComesLaterIsToldOfTheSessionsThatAreUp() throws Exception {
        List<SessionUp> told = Collections.synchronizedList(new ArrayList<>());
        SessionUpHook late = told::add;
        RegisteredPlugin plugin = new RegisteredPlugin("late", List.of(late));
        try (RunningBroker running = new RunningBroker(Choices.defaults());
                TestClient before = new TestClient(running.endpoint());
                TestClient after = new TestClient(running.endpoint())) {
            assertThat(before.prepare("before")).isInstanceOf(Tunnel.class);
            running.inLoop(() -> {
                running.broker.setPlugins(List.of(plugin), Optional.of(plugin));
                return true;
            });
            assertThat(after.prepare("after")).isInstanceOf(Tunnel.class);
            RunningBroker.await("both", () -> told.size() == 2);
            assertThat(told)
                    .extracting(event -> event.session().uuid() + " " + event.announced())
                    .containsExactlyInAnyOrder("before true", "after false");
        }
    }
}
