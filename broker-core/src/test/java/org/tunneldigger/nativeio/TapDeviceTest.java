// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.nativeio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TapDeviceTest {
    private TestNamespace namespace;

    @BeforeEach
    void createNamespace() throws Exception {
        namespace = TestNamespace.create();
    }

    @AfterEach
    void deleteNamespace() throws Exception {
        namespace.close();
    }

    @Test
    void livesAsLongAsItIsOpen() throws Exception {
        TapDevice device = open("td-tap0");
        assertThat(namespace.run("ip", "-d", "link", "show", "td-tap0"))
                .contains("tun type tap")
                .contains("state DOWN");
        int index = namespace.call(() -> Interfaces.indexOf("td-tap0"));
        assertThat(namespace.call(() -> Interfaces.isGone(index, "td-tap0"))).isFalse();
        device.close();
        device.close();
        assertThat(device.fd()).isEqualTo(-1);
        assertThat(namespace.call(() -> Interfaces.isGone(index, "td-tap0"))).isTrue();
        assertThat(namespace.call(() -> Interfaces.indexOf("td-tap0"))).isZero();
    }

    @Test
    void carriesFramesBothWaysAtTheOffsetAsked() throws Exception {
        try (TapDevice first = open("td-tap0");
                TapDevice second = open("td-tap1")) {
            namespace.run("sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1");
            namespace.run("ip", "link", "add", "td-br", "type", "bridge", "forward_delay", "0");
            namespace.run("ip", "link", "set", "td-br", "up");
            for (String name : new String[] {"td-tap0", "td-tap1"}) {
                namespace.run("ip", "link", "set", name, "master", "td-br", "up");
            }
            OffHeap frame = new OffHeap(128);
            for (int i = 0; i < 6; i++) {
                frame.network.put(12 + i, (byte) 0xFF).put(12 + 6 + i, (byte) (i == 0 ? 2 : i));
            }
            frame.network.putShort(12 + 12, (short) 0x88B5).put(12 + 59, (byte) 42);
            OffHeap received = new OffHeap(2048);
            int receivedFrame = 4 + VirtioHeader.SIZE;
            try (Epoll epoll = Epoll.open()) {
                epoll.add(second.fd(), Epoll.IN, 0);
                assertThat(first.write(pieces(frame, 12, 60))).isEqualTo(VirtioHeader.SIZE + 60);
                int length = 0;
                // The bridge speaks too, of multicast groups.
                for (int i = 0; i < 20 && received.network.getShort(receivedFrame + 12) != (short) 0x88B5; i++) {
                    assertThat(epoll.await(2_000_000_000L)).isEqualTo(1);
                    length = second.read(received, 4, 1024);
                }
                assertThat(length).isEqualTo(VirtioHeader.SIZE + 60);
                assertThat(VirtioHeader.segmentType(received, 4)).isEqualTo(VirtioHeader.NOT_SEGMENTED);
                assertThat(VirtioHeader.needsChecksum(received, 4)).isFalse();
            }
            assertThat(bytes(received.network, receivedFrame, 60)).isEqualTo(bytes(frame.network, 12, 60));
            int next = 0;
            while (next >= 0) {
                next = second.read(received, 4, 1024);
            }
            assertThat(next).isEqualTo(-Errno.EAGAIN);
        }
    }

    @Test
    void refusesFramesWhileDown() throws Exception {
        try (TapDevice device = open("td-tap0")) {
            assertThat(device.write(pieces(new OffHeap(64), 0, 60))).isEqualTo(-Errno.EIO);
        }
    }

    @Test
    void namesThatCannotBeAreErrorsAndLeaveNothing() throws Exception {
        for (String name : new String[] {"", "td-%d", "sixteen-letters-", "td/slash"}) {
            assertThatThrownBy(() -> open(name)).hasMessageContaining("EINVAL");
        }
        try (TapDevice first = open("td-tap0")) {
            assertThat(first.fd()).isPositive();
            assertThatThrownBy(() -> open("td-tap0")).hasMessageContaining("EBUSY");
        }
        assertThat(namespace.run("ip", "-o", "link").lines()).hasSize(1);
    }

    private TapDevice open(String name) throws Exception {
        return namespace.call(() -> TapDevice.open(name));
    }

    /** A plain header, and the frame from the middle of some memory, in two pieces. */
    private static IoVector pieces(OffHeap memory, int offset, int length) {
        IoVector pieces = new IoVector(3);
        pieces.add(new OffHeap(VirtioHeader.SIZE), 0, VirtioHeader.SIZE);
        pieces.add(memory, offset, 30);
        pieces.add(memory, offset + 30, length - 30);
        return pieces;
    }

    private static byte[] bytes(ByteBuffer buffer, int offset, int length) {
        byte[] all = new byte[buffer.capacity()];
        buffer.get(0, all);
        return Arrays.copyOfRange(all, offset, offset + length);
    }
}
