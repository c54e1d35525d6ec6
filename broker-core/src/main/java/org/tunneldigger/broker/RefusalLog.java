// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.broker;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tunneldigger.handshake.Admission;

/** Says that clients are refused and why: one line in ten seconds however many there are. Loop thread only. */
final class RefusalLog {
    private static final Logger log = LoggerFactory.getLogger(RefusalLog.class);
    private static final long GAP_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Map<Admission.Verdict, Integer> since = new EnumMap<>(Admission.Verdict.class);
    private boolean spoken;
    private long spokeAtNanos;

    void refused(Admission.Verdict why, long nowNanos) {
        since.merge(why, 1, Integer::sum);
        if (!spoken || nowNanos - spokeAtNanos >= GAP_NANOS) {
            log.info("refused clients since the last such line: {}", since);
            since.clear();
            spoken = true;
            spokeAtNanos = nowNanos;
        }
    }
}
