// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.nativeio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class EpollTest {
    @Test
    void handsBackTheTokensOfReadyDescriptors() throws Exception {
        try (Epoll epoll = Epoll.open();
                EventFd first = EventFd.open();
                EventFd second = EventFd.open();
                EventFd third = EventFd.open()) {
            epoll.add(first.fd(), Epoll.IN, 0x1122334455667788L);
            epoll.add(second.fd(), Epoll.IN, 2);
            epoll.add(third.fd(), Epoll.IN, -3);
            assertThat(epoll.await(0)).isZero();

            first.signal();
            third.signal();
            third.signal();
            assertThat(epoll.await(-1)).isEqualTo(2);
            assertThat(new long[] {epoll.token(0), epoll.token(1)}).containsExactlyInAnyOrder(0x1122334455667788L, -3);
            assertThat(epoll.events(0)).isEqualTo(Epoll.IN);

            first.drain();
            third.drain();
            assertThat(epoll.await(0)).isZero();

            epoll.modify(second.fd(), Epoll.IN | Epoll.OUT, 22);
            assertThat(epoll.await(0)).isEqualTo(1);
            assertThat(epoll.token(0)).isEqualTo(22);
            assertThat(epoll.events(0)).isEqualTo(Epoll.OUT);
            epoll.remove(second.fd());
            assertThat(epoll.await(0)).isZero();
        }
    }

    @Test
    void roundsTheTimeoutUp() throws Exception {
        assertThat(Epoll.millisRoundedUp(0)).isZero();
        assertThat(Epoll.millisRoundedUp(1)).isEqualTo(1);
        assertThat(Epoll.millisRoundedUp(1_000_000)).isEqualTo(1);
        assertThat(Epoll.millisRoundedUp(1_000_001)).isEqualTo(2);
        assertThat(Epoll.millisRoundedUp(-5)).isEqualTo(-1);
        assertThat(Epoll.millisRoundedUp(Long.MAX_VALUE)).isEqualTo(Integer.MAX_VALUE);
        try (Epoll epoll = Epoll.open()) {
            long startNanos = System.nanoTime();
            assertThat(epoll.await(20_000_001)).isZero();
            assertThat(System.nanoTime() - startNanos).isGreaterThanOrEqualTo(20_000_000);
        }
    }

    @Test
    void errorsSayWhichDescriptor() throws Exception {
        try (Epoll epoll = Epoll.open()) {
            assertThatThrownBy(() -> epoll.add(-1, Epoll.IN, 0))
                    .isInstanceOf(NativeException.class)
                    .hasMessage("epoll add fd -1: EBADF (Bad file descriptor)");
        }
    }

    @Test
    void aSignalAfterCloseGoesNowhere() throws Exception {
        EventFd event = EventFd.open();
        event.close();
        event.close();
        event.signal();
        assertThat(event.fd()).isEqualTo(-1);
    }
}
