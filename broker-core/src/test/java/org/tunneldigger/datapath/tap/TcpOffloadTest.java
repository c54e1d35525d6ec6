// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.datapath.tap;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.tunneldigger.nativeio.IoVector;
import org.tunneldigger.nativeio.OffHeap;
import org.tunneldigger.nativeio.VirtioHeader;

/** {@link TcpSegmenter} and {@link TcpJoiner}: each what the other undoes. */
class TcpOffloadTest {
    private final TcpSegmenter segmenter = new TcpSegmenter();
    private final TcpJoiner joiner = new TcpJoiner();
    private final List<byte[]> written = new ArrayList<>();
    private final Random random = new Random(7);

    @ParameterizedTest
    @CsvSource({
        "false, 0, 0, 1448, 60000",
        "false, 0, 12, 1380, 50001",
        "true, 0, 12, 1360, 40000",
        "true, 0, 0, 1, 64",
        "false, 0, 40, 100, 101",
        "false, 0, 0, 65000, 100",
    })
    void whatIsCutIsJoinedToTheSame(boolean v6, int vlanTags, int options, int segmentLength, int bodyLength) {
        TcpFrame frame = TcpFrame.of(v6, vlanTags, options, bodyLength, 0xFFFF_F000, random);
        frame.put(frame.tcp + 13, 0x18); // with PSH
        frame.setChecksums();
        byte[] alone = frame.bytes();
        frame.leaveUncut(segmentLength);
        byte[] uncut = frame.bytes();
        byte[] virtio = TcpFrame.bytes(frame.memory, TcpFrame.VIRTIO, VirtioHeader.SIZE);

        List<OffHeap> segments = cut(frame);
        assertThat(segments).hasSize((bodyLength + segmentLength - 1) / segmentLength);
        for (OffHeap segment : segments) {
            joiner.add(segment, TcpFrame.ROOM, segment.size() - TcpFrame.ROOM, this::write);
        }
        joiner.flush(this::write);
        assertThat(written).hasSize(1);
        if (segments.size() == 1) {
            assertThat(written.get(0)).endsWith(alone).startsWith(new byte[VirtioHeader.SIZE]);
        } else {
            assertThat(written.get(0)).startsWith(virtio).endsWith(uncut);
        }
    }

    @ParameterizedTest
    @CsvSource({"false, 0", "false, 1", "true, 0", "true, 2"})
    void eachSegmentHasItsOwnNumbers(boolean v6, int vlanTags) {
        TcpFrame frame = TcpFrame.of(v6, vlanTags, 0, 2500, 5000, random);
        frame.put(frame.tcp + 13, 0x99); // CWR, ACK, PSH, FIN
        frame.leaveUncut(1000);
        List<OffHeap> segments = cut(frame);
        assertThat(segments).hasSize(3);
        int[] flags = {0x90, 0x10, 0x19};
        for (int i = 0; i < 3; i++) {
            OffHeap segment = segments.get(i);
            var bytes = segment.network();
            int length = i < 2 ? 1000 : 500;
            assertThat(segment.size()).isEqualTo(frame.body + length);
            assertThat(bytes.getInt(frame.tcp + 4)).isEqualTo(5000 + i * 1000);
            assertThat(bytes.get(frame.tcp + 13)).isEqualTo((byte) flags[i]);
            if (v6) {
                assertThat(bytes.getShort(frame.ip + 4)).isEqualTo((short) (20 + length));
            } else {
                assertThat(bytes.getShort(frame.ip + 2)).isEqualTo((short) (40 + length));
                assertThat(bytes.getShort(frame.ip + 4)).isEqualTo((short) (0xFFFE + i));
                assertThat(wordSum(segment, frame.ip, 20, 0)).isEqualTo(0xFFFF);
            }
            int addresses = frame.ip + (v6 ? 8 : 12);
            long pseudo = wordSum(segment, addresses, frame.tcp - addresses, 0) + 6 + 20 + length;
            assertThat(wordSum(segment, frame.tcp, 20 + length, pseudo)).isEqualTo(0xFFFF);
        }
    }

    @Test
    void identificationsThatRiseTogetherAreJoinedWithoutDontFragment() {
        TcpFrame first = segment(false, 0, 100);
        TcpFrame second = segment(false, 100, 100);
        first.put(first.ip + 6, 0);
        second.put(second.ip + 6, 0);
        second.add(second.ip + 5, 1);
        first.setChecksums();
        second.setChecksums();
        assertThat(joined(first, second).size()).isEqualTo(1);
    }

    static Stream<Arguments> reasonsToStayAlone() {
        return Stream.of(
                reason("wrong checksum of TCP", f -> f.add(f.end - 1, 1), false),
                reason("other destination", f -> f.add(TcpFrame.ROOM, 2), true),
                reason("a VLAN's type", f -> f.put(TcpFrame.ROOM + 12, 0x81), true),
                reason("other class of traffic", f -> f.add(f.ip + 1, 0x10), true),
                reason("other time to live", f -> f.add(f.v6 ? f.ip + 7 : f.ip + 8, -1), true),
                reason("other address", f -> f.add(f.tcp - 1, 1), true),
                reason("not TCP", f -> f.put(f.v6 ? f.ip + 6 : f.ip + 9, 17), true),
                reason("longer than it says", f -> f.add(f.v6 ? f.ip + 5 : f.ip + 3, -1), true),
                reason("other port", f -> f.add(f.tcp + 3, 1), true),
                reason("gap", f -> f.add(f.tcp + 7, 1), true),
                reason("other acknowledgement", f -> f.add(f.tcp + 11, 1), true),
                reason("other window", f -> f.add(f.tcp + 15, 1), true),
                reason("urgent pointer", f -> f.add(f.tcp + 19, 1), true),
                reason("other options", f -> f.add(f.tcp + 23, 1), true),
                reason("FIN", f -> f.put(f.tcp + 13, 0x11), true),
                reason("SYN", f -> f.put(f.tcp + 13, 0x12), true),
                reason("no ACK", f -> f.put(f.tcp + 13, 0), true),
                reason("congestion marks", f -> f.put(f.tcp + 13, 0x50), true),
                reason("reserved bit", f -> f.add(f.tcp + 12, 1), true),
                reason("header of TCP too short", f -> f.put(f.tcp + 12, 0x40), true),
                reason("header of TCP beyond the end", f -> f.put(f.tcp + 12, 0xF0), true));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("reasonsToStayAlone")
    void segmentsThatDifferStayAlone(String name, Consumer<TcpFrame> change, boolean rightChecksum) {
        for (boolean v6 : new boolean[] {false, true}) {
            staysAlone(v6, change, rightChecksum);
        }
    }

    static Stream<Arguments> reasonsOfIpv4() {
        return Stream.of(
                reason("a fragment", f -> f.put(f.ip + 6, 0x20), true),
                reason("a later fragment", f -> f.put(f.ip + 7, 1), true),
                reason("no \"don't fragment\"", f -> f.put(f.ip + 6, 0), true),
                reason("options of IPv4", f -> f.put(f.ip, 0x46), true),
                reason("wrong checksum of IPv4", f -> f.add(f.ip + 10, 1), false));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("reasonsOfIpv4")
    void segmentsOfIpv4ThatDifferStayAlone(String name, Consumer<TcpFrame> change, boolean rightChecksum) {
        staysAlone(false, change, rightChecksum);
    }

    private void staysAlone(boolean v6, Consumer<TcpFrame> change, boolean rightChecksum) {
        TcpFrame first = segment(v6, 0, 100);
        TcpFrame second = segment(v6, 100, 100);
        TcpFrame third = segment(v6, 100, 100);
        change.accept(second);
        if (rightChecksum) {
            second.setChecksums();
        }
        byte[][] before = {first.bytes(), second.bytes(), third.bytes()};
        List<byte[]> frames = joined(first, second, third);
        // the third one follows the first, but what lies between keeps them apart
        assertThat(frames).hasSize(3);
        for (int i = 0; i < 3; i++) {
            assertThat(frames.get(i)).startsWith(new byte[VirtioHeader.SIZE]).endsWith(before[i]);
        }
    }

    @Test
    void aPushedOrAShorterSegmentIsTheLast() {
        TcpFrame pushed = segment(false, 0, 100);
        pushed.put(pushed.tcp + 13, 0x18);
        pushed.setChecksums();
        assertThat(joined(pushed, segment(false, 100, 100)).size()).isEqualTo(2);
        assertThat(joined(segment(false, 0, 100), segment(false, 100, 99), segment(false, 199, 99))
                        .size())
                .isEqualTo(2);
        assertThat(joined(segment(false, 0, 100), segment(false, 100, 101)).size())
                .isEqualTo(2);
        assertThat(joined(segment(false, 0, 100), segment(false, 100, 0)).size())
                .isEqualTo(2);
    }

    @Test
    void framesBecomeNoLongerThanAPacketMayBe() {
        TcpFrame[] frames = new TcpFrame[8];
        for (int i = 0; i < frames.length; i++) {
            frames[i] = segment(true, i * 9000, 9000);
        }
        assertThat(joined(frames)).allMatch(frame -> frame.length < 65_536);
        assertThat(written.size()).isEqualTo(2);
        TcpFrame[] many = new TcpFrame[65];
        for (int i = 0; i < many.length; i++) {
            many[i] = segment(false, i, 1);
        }
        assertThat(joined(many).size()).isEqualTo(2);
    }

    @Test
    void whatWasForgottenIsNotWritten() {
        TcpFrame frame = segment(false, 0, 100);
        joiner.add(frame.memory, TcpFrame.ROOM, frame.length(), this::write);
        joiner.clear();
        joiner.flush(this::write);
        assertThat(written).isEmpty();
    }

    @Test
    void noFrameMakesThemThrow() {
        for (int i = 0; i < 3_000; i++) {
            TcpFrame frame =
                    TcpFrame.of(random.nextBoolean(), random.nextInt(3), 4 * random.nextInt(4), 200, 0, random);
            frame.leaveUncut(50);
            for (int j = random.nextInt(3); j >= 0; j--) {
                frame.put(random.nextInt(frame.body), random.nextInt());
            }
            int end = random.nextInt(frame.end - TcpFrame.ROOM) + TcpFrame.ROOM + 1;
            if (VirtioHeader.segmentType(frame.memory, TcpFrame.VIRTIO) != VirtioHeader.NOT_SEGMENTED
                    && segmenter.take(frame.memory, TcpFrame.VIRTIO, TcpFrame.ROOM, end)) {
                assertThat(segmenter.headerLength()).isBetween(54, Headers.LONGEST);
                assertThat(segmenter.bodyOffset(0)).isLessThan(end);
                for (int j = 0; j < segmenter.count(); j++) {
                    assertThat(segmenter.bodyLength(j)).isPositive();
                    assertThat(segmenter.bodyOffset(j) + segmenter.bodyLength(j))
                            .isLessThanOrEqualTo(end);
                    segmenter.putHeader(j, 70_000);
                }
            }
            joiner.add(frame.memory, TcpFrame.ROOM, end - TcpFrame.ROOM, this::write);
        }
    }

    @Test
    void numbersThatDontFitAreRefused() {
        for (boolean v6 : new boolean[] {false, true}) {
            TcpFrame frame = TcpFrame.of(v6, 0, 0, 200, 0, random);
            refused(frame, v6, 0, frame.tcp - TcpFrame.ROOM, 16);
            refused(frame, v6, 100, frame.tcp - TcpFrame.ROOM, 6);
            refused(frame, v6, 100, frame.tcp - TcpFrame.ROOM - 1, 16);
            refused(frame, v6, 100, 0xFFFF, 16);
            refused(frame, !v6, 100, frame.tcp - TcpFrame.ROOM, 16);
        }
    }

    private void refused(TcpFrame frame, boolean v6, int segmentLength, int tcpStart, int checksumOffset) {
        int type = v6 ? VirtioHeader.TCP_V6 : VirtioHeader.TCP_V4;
        VirtioHeader.putTcp(frame.memory, TcpFrame.VIRTIO, type, 54, segmentLength, tcpStart, checksumOffset);
        assertThat(segmenter.take(frame.memory, TcpFrame.VIRTIO, TcpFrame.ROOM, frame.end))
                .isFalse();
    }

    /** The segments, each in a memory of its own behind some room. */
    private List<OffHeap> cut(TcpFrame frame) {
        assertThat(segmenter.take(frame.memory, TcpFrame.VIRTIO, TcpFrame.ROOM, frame.end))
                .isTrue();
        List<OffHeap> segments = new ArrayList<>();
        int header = 1 << 16;
        for (int i = 0; i < segmenter.count(); i++) {
            segmenter.putHeader(i, header);
            int headerLength = segmenter.headerLength();
            var segment = new OffHeap(TcpFrame.ROOM + headerLength + segmenter.bodyLength(i));
            segment.network()
                    .put(TcpFrame.ROOM, TcpFrame.bytes(frame.memory, header, headerLength))
                    .put(
                            TcpFrame.ROOM + headerLength,
                            TcpFrame.bytes(frame.memory, segmenter.bodyOffset(i), segmenter.bodyLength(i)));
            segments.add(segment);
        }
        return segments;
    }

    private TcpFrame segment(boolean v6, int sequence, int bodyLength) {
        return TcpFrame.of(v6, 0, 4, bodyLength, sequence, new Random(sequence));
    }

    private List<byte[]> joined(TcpFrame... frames) {
        written.clear();
        for (TcpFrame frame : frames) {
            joiner.add(frame.memory, TcpFrame.ROOM, frame.length(), this::write);
        }
        joiner.flush(this::write);
        return List.copyOf(written);
    }

    private void write(IoVector frame) {
        written.add(frame.copy());
    }

    /** One word after the other, without any of the classes under test. */
    private static int wordSum(OffHeap memory, int offset, int length, long before) {
        long sum = before;
        for (int i = 0; i < length; i++) {
            sum += (long) (memory.network().get(offset + i) & 0xFF) << (i % 2 == 0 ? 8 : 0);
        }
        while (sum > 0xFFFF) {
            sum = (sum & 0xFFFF) + (sum >>> 16);
        }
        return (int) sum;
    }

    private static Arguments reason(String name, Consumer<TcpFrame> change, boolean rightChecksum) {
        return Arguments.of(name, change, rightChecksum);
    }
}
