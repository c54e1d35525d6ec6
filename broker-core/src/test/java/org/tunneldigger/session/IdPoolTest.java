// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class IdPoolTest {

    @Test
    void theRestOutlastsTheKernelsHoldOnAnId() {
        assertThat(IdPool.REST_NANOS).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(78));
    }

    @Test
    void aReleasedIdComesBackLastAndOnlyAfterARest() {
        IdPool pool = new IdPool(100, 3);
        assertThat(pool.take(0)).isEqualTo(OptionalInt.of(100));
        assertThat(pool.take(0)).isEqualTo(OptionalInt.of(101));
        pool.release(100, 0);
        assertThat(pool.take(0)).isEqualTo(OptionalInt.of(102));
        assertThat(pool.take(IdPool.REST_NANOS - 1)).isEmpty();
        assertThat(pool.unavailable(IdPool.REST_NANOS - 1)).isEqualTo(3);
        assertThat(pool.unavailable(IdPool.REST_NANOS)).isEqualTo(2);
        assertThat(pool.take(IdPool.REST_NANOS)).isEqualTo(OptionalInt.of(100));
        assertThat(pool.unavailable(IdPool.REST_NANOS)).isEqualTo(3);
        assertThat(pool.take(Long.MAX_VALUE)).isEmpty();
    }
}
