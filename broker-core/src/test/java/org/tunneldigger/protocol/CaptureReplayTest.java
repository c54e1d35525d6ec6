// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two whole sessions of the reference's own client and broker, as they were on the wire. */
class CaptureReplayTest {

    @ParameterizedTest
    @ValueSource(strings = {"reference-mtu1500.pcap", "reference-mtu1400.pcap"})
    void everyControlPacketDecodesAndEncodesToTheSameBytes(String file) {
        Map<String, Integer> kinds = new TreeMap<>();
        for (Capture.Packet packet : Capture.read(file)) {
            Decoded decoded = ControlCodec.decode(packet.buffer(), packet.payload().length);
            kinds.merge(
                    decoded instanceof Enum<?> failure
                            ? failure.name()
                            : decoded.getClass().getSimpleName(),
                    1,
                    Integer::sum);
            if (decoded instanceof ControlMessage message) {
                assertSameOnTheWire(packet, message);
            }
        }
        assertThat(kinds)
                .containsOnlyKeys(
                        "Cookie",
                        "DATA_PACKET",
                        "Error",
                        "Keepalive",
                        "LimitDownstream",
                        "PmtuNotify",
                        "Pmtud",
                        "PmtudAck",
                        "Prepare",
                        "RelAck",
                        "Tunnel",
                        "UsageReply",
                        "UsageRequest");
    }

    private static void assertSameOnTheWire(Capture.Packet packet, ControlMessage message) {
        ByteBuffer out = ByteBuffer.allocate(2048);
        ControlCodec.encode(message, out);
        byte[] encoded = Arrays.copyOf(out.array(), out.limit());
        int meaningful = ControlCodec.HEADER_LENGTH + (packet.payload()[5] & 255);
        // Padding aside: the reference's client leaves what it finds on its stack in it.
        assertThat(HexFormat.of().formatHex(encoded, 0, meaningful))
                .as("%s", message)
                .isEqualTo(HexFormat.of().formatHex(packet.payload(), 0, meaningful));
        assertThat(encoded).hasSameSizeAs(packet.payload());
        for (int i = meaningful; i < encoded.length; i++) {
            assertThat(encoded[i]).as("padding byte %d of %s", i, message).isZero();
        }
    }
}
