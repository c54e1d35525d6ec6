// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.datapath;

import static org.assertj.core.api.Assertions.assertThat;

import org.tunneldigger.nativeio.IoVector;
import org.tunneldigger.nativeio.OffHeap;
import org.tunneldigger.nativeio.TapDevice;
import org.tunneldigger.nativeio.VirtioHeader;

/** Whole frames to and from a TAP device, of which nothing is left to do. */
public final class TestFrames {
    private TestFrames() {}

    public static void write(TapDevice device, byte[] frame) {
        OffHeap memory = new OffHeap(VirtioHeader.SIZE + frame.length);
        memory.network().put(VirtioHeader.SIZE, frame);
        IoVector pieces = new IoVector(1);
        pieces.add(memory, 0, memory.size());
        assertThat(device.write(pieces)).isEqualTo(memory.size());
    }

    public static byte[] read(TapDevice device) {
        OffHeap memory = new OffHeap(1 << 16);
        int length = device.read(memory, 0, memory.size());
        assertThat(length).isGreaterThan(VirtioHeader.SIZE);
        byte[] frame = new byte[length - VirtioHeader.SIZE];
        memory.network().get(VirtioHeader.SIZE, frame);
        return frame;
    }
}
