// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.lab.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tunneldigger.lab.Capture;
import org.tunneldigger.lab.ControlPacket;
import org.tunneldigger.lab.DataPacket;
import org.tunneldigger.lab.HookEvent;
import org.tunneldigger.lab.Lab;
import org.tunneldigger.lab.ScriptedPeer;

/** The client side of a recorded session, sent to this broker: it answers as the recorded broker did. */
@InLab
final class ReplayScenario {
    private static final Path CAPTURES = Path.of("broker-core/src/test/resources/captures");
    private static final String UUID = "00112233-4455-6677-8899-aabbccddeeff";
    private static final int COOKIE_OFFSET = 6;
    private static final int COOKIE_LENGTH = 8;
    private static final int UDP_AND_IP = 28;
    private static final Duration LIMIT = Duration.ofSeconds(10);

    /** The requests that have an answer, and the answer's type. */
    private static final Map<Integer, Integer> ANSWERS = Map.of(
            ControlPacket.USAGE, ControlPacket.USAGE,
            ControlPacket.COOKIE, ControlPacket.COOKIE,
            ControlPacket.PREPARE, ControlPacket.TUNNEL,
            ControlPacket.LIMIT, ControlPacket.REL_ACK,
            ControlPacket.PMTUD, ControlPacket.PMTUD_ACK,
            ControlPacket.ERROR, ControlPacket.ERROR);

    @ParameterizedTest
    @CsvSource({"reference-mtu1500.pcap, 1500, 1446", "reference-mtu1400.pcap, 1400, 1346"})
    void theBrokerAnswersAsTheRecordedOneDid(String file, int pathMtu, int tunnelMtu, Lab lab) throws Exception {
        Capture capture = Capture.read(lab.checkout().resolve(CAPTURES).resolve(file));
        lab.startBroker();
        ScriptedPeer peer = lab.resource(ScriptedPeer.open(lab.addClient().namespace()));
        peer.acknowledgeProbes(pathMtu - UDP_AND_IP);
        Map<Integer, Integer> answersSeen = new HashMap<>();
        byte[] cookie = new byte[COOKIE_LENGTH];
        int dataSent = 0;
        for (Capture.Packet packet : capture.packets()) {
            if (!packet.toBroker()) {
                continue;
            }
            byte[] datagram = packet.payload().clone();
            if (DataPacket.isData(datagram)) {
                peer.send(datagram);
                dataSent++;
                continue;
            }
            int type = ControlPacket.parse(datagram).orElseThrow().type();
            if (type == ControlPacket.PREPARE) {
                System.arraycopy(cookie, 0, datagram, COOKIE_OFFSET, COOKIE_LENGTH);
            } else if (type == ControlPacket.ERROR) {
                settle(lab, tunnelMtu, dataSent);
            }
            peer.send(datagram);
            Integer answerType = ANSWERS.get(type);
            if (answerType == null) {
                continue;
            }
            byte[] answer = peer.await("answer to " + packet, bytes -> ControlPacket.isOfType(bytes, answerType));
            byte[] recorded = capture.answers(answerType).get(answersSeen.merge(answerType, 1, Integer::sum) - 1);
            if (type == ControlPacket.COOKIE) {
                cookie = ControlPacket.parse(answer).orElseThrow().payload();
                assertThat(answer).hasSameSizeAs(recorded);
            } else {
                assertThat(answer).as("answer to type %02X", type).isEqualTo(recorded);
            }
            if (type == ControlPacket.PREPARE) {
                awaitEvent(lab, "session.up");
            }
        }
        awaitEvent(lab, "session.down");
    }

    /** Before the recorded goodbye: the MTU of the path stands, and no frame was lost. */
    private static void settle(Lab lab, int tunnelMtu, int dataSent) {
        String port = awaitEvent(lab, "session.up").interfaceName();
        lab.await()
                .until(
                        LIMIT,
                        "the broker's interface has an MTU of " + tunnelMtu,
                        () -> lab.broker().mtu(port).orElse(0) == tunnelMtu);
        String sent = Integer.toString(dataSent);
        lab.await()
                .until(
                        LIMIT,
                        "all " + sent + " frames came out of the tunnel",
                        () -> lab.broker()
                                .interfaceValue(port, "statistics/rx_packets")
                                .orElse("")
                                .equals(sent));
    }

    private static HookEvent awaitEvent(Lab lab, String hook) {
        return lab.await()
                .value(LIMIT, hook, () -> lab.hooks().ended(hook, UUID).stream().findFirst());
    }
}
