// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.nativeio;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.util.Arrays;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.tunneldigger.protocol.Endpoint;

/** The foreign function library passes garbage as the sixth of six primitive arguments on x86-64. */
class SixArgumentTrapTest {
    /** sendto(2), all arguments primitive: EINVAL says that the sixth, the address's length, was wrong. */
    public interface SendTo {
        long sendto(int fd, long payload, long length, int flags, long address, int addressLength);
    }

    /** The same with one argument that is not primitive. */
    public interface SendToPointer {
        long sendto(int fd, Pointer payload, long length, int flags, long address, int addressLength);
    }

    @Test
    void noFunctionOfOursFallsIntoIt() {
        assertThat(LibC.Calls.class.getMethods())
                .isNotEmpty()
                .noneMatch(method -> method.getParameterCount() == 6 && allPrimitive(method));
    }

    /** If this fails the library was mended, and the rule above can go. */
    @Test
    @EnabledIfSystemProperty(named = "os.arch", matches = "amd64")
    void theTrapIsStillThere() throws Exception {
        try (UdpSocket server = UdpSocket.open(false);
                UdpSocket client = UdpSocket.open(false)) {
            server.bind(Endpoint.v4(0x7F000001, 0));
            OffHeap memory = new OffHeap(64);
            int length = SocketAddress.put(memory, 0, server.localEndpoint());
            SendTo trapped = LibraryLoader.create(SendTo.class).load("c");
            SendToPointer free = LibraryLoader.create(SendToPointer.class).load("c");
            Pointer payload = Pointer.wrap(Runtime.getRuntime(free), memory.host);

            boolean wrong = false;
            for (int i = 0; i < 10; i++) {
                assertThat(free.sendto(client.fd(), payload, 1, 0, memory.address, length))
                        .isEqualTo(1);
                wrong |= trapped.sendto(client.fd(), memory.address, 1, 0, memory.address, length) != 1;
            }
            assertThat(wrong).isTrue();
        }
    }

    private static boolean allPrimitive(Method method) {
        return Arrays.stream(method.getParameterTypes()).allMatch(Class::isPrimitive);
    }
}
