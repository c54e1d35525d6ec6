// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tunneldigger.broker.RunningBroker.Choices;
import org.tunneldigger.log.LogCapture;
import org.tunneldigger.protocol.ControlMessage;
import org.tunneldigger.protocol.ControlMessage.Prepare;
import org.tunneldigger.protocol.ControlMessage.RelAck;
import org.tunneldigger.protocol.ControlMessage.Tunnel;
import org.tunneldigger.protocol.ControlMessage.UsageRequest;
import org.tunneldigger.protocol.DecodeFailure;

/** What comes from those who have no session, and what is no packet of the protocol. */
@Timeout(60)
class StrangersTest {
    @Test
    void whatOnlyASessionSendsIsAnsweredByErrorFourAndNothingElseIs() throws Exception {
        try (RunningBroker running = new RunningBroker(Choices.defaults())) {
            for (String stray : List.of(
                    "8073a7010504000000010000",
                    "8073a70106000000000000000000",
                    "8073a70109020500000000000000",
                    "8073a70180080000010400000800",
                    "000300000000006400000000ffffffffffff")) {
                try (TestClient client = new TestClient(running.endpoint())) {
                    client.sendRaw(HexFormat.of().parseHex(stray));
                    assertThat(client.receive()).as(stray).isEqualTo(new ControlMessage.Error(4));
                    client.sendRaw(HexFormat.of().parseHex(stray));
                    assertThat(client.hearsNothing()).as("told once a second").isTrue();
                }
            }
            for (String silent : List.of(
                    "8073a7010301110000000000",
                    "8073a7010408000000640000000100",
                    "8073a7010a0200000000000000",
                    "8073a701010758585858585858",
                    "0003000000000064",
                    "8073a7010504",
                    "deadbeefdeadbeefdeadbeef")) {
                try (TestClient client = new TestClient(running.endpoint())) {
                    client.sendRaw(HexFormat.of().parseHex(silent));
                    assertThat(client.hearsNothing()).as(silent).isTrue();
                }
            }
        }
    }

    @Test
    void noAnswerToAStrangerIsLargerThanItsQuestion() throws Exception {
        try (RunningBroker running = new RunningBroker(Choices.defaults());
                TestClient client = new TestClient(running.endpoint())) {
            for (long seed = 0; seed < 3_000; seed++) {
                Random random = new Random(seed);
                byte[] bytes = new byte[random.nextInt(40)];
                random.nextBytes(bytes);
                if (bytes.length >= 6) {
                    System.arraycopy(HexFormat.of().parseHex("8073a701"), 0, bytes, 0, 4);
                    // Any type but USAGE: that one asks whether all answers have come.
                    bytes[4] = (byte) (random.nextInt(11) == 10 ? 0x80 : random.nextInt(10));
                    bytes[5] = (byte) random.nextInt(35);
                }
                client.sendRaw(bytes);
                client.send(new UsageRequest(OptionalLong.empty()));
                int answered = 0;
                for (byte[] answer = client.receiveRaw(5_000);
                        answer != null && answer[4] != 0x0A;
                        answer = client.receiveRaw(5_000)) {
                    answered += answer.length;
                }
                assertThat(answered).as("seed %d", seed).isLessThanOrEqualTo(bytes.length);
            }
            assertThat(client.prepare("node")).isInstanceOf(ControlMessage.class);
            assertThat(running.<Long>inLoop(() -> running.broker.counters().of(DecodeFailure.BAD_PAYLOAD)))
                    .isPositive();
        }
    }

    @Test
    void malformedPacketsLeaveNoTraceInTheLog() throws Exception {
        List<String> complaints;
        try (LogCapture log = new LogCapture();
                RunningBroker running = new RunningBroker(Choices.defaults());
                TestClient client = new TestClient(running.endpoint())) {
            long cookie = client.cookie();
            String prepare = "8073a70102%02x%016x".formatted(10, cookie);
            for (String malformed : List.of(
                    prepare + "ff41", // a uuid of 255 bytes, one of them there
                    prepare + "01ff", // not UTF-8
                    "8073a7010209%016xff".formatted(cookie),
                    "8073a70102000000000000",
                    "8073a7018000000000000000")) {
                client.sendRaw(HexFormat.of().parseHex(malformed));
            }
            assertThat(client.prepare("node")).isInstanceOf(Tunnel.class);
            client.sendRaw(HexFormat.of().parseHex("8073a701800100000000000000"));
            client.sendRaw(HexFormat.of().parseHex("8073a7018008000001ff00000800"));
            assertThat(client.receive(RelAck.class)).isEqualTo(new RelAck(0));
            assertThat(log.lines()).as("of the session").isNotEmpty();
            complaints = log.complaints();
        }
        assertThat(complaints).isEmpty();
    }

    @Test
    void aBadCookieGetsSilence() throws Exception {
        try (RunningBroker running = new RunningBroker(Choices.defaults());
                TestClient client = new TestClient(running.endpoint());
                TestClient other = new TestClient(running.endpoint())) {
            long cookie = client.cookie();
            client.send(new Prepare(cookie ^ 1, "node", OptionalLong.of(1), OptionalLong.of(1)));
            assertThat(client.hearsNothing()).isTrue();
            other.send(new Prepare(cookie, "node", OptionalLong.of(1), OptionalLong.of(1)));
            assertThat(other.hearsNothing()).isTrue();
        }
    }
}
