// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.accesslist;

import java.net.InetAddress;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;

/**
 * Logs a client's refusal once an interval. Whoever makes up uuids gets no more lines than {@value #MOST_CLIENTS} an interval,
 * nor more memory: beyond that refusals are only counted. Usable from every thread.
 */
final class RefusalLog {
    static final int MOST_CLIENTS = 1000;

    private final Logger logger;
    private final long intervalNanos;
    private final Map<Client, Long> loggedAtNanos = new LinkedHashMap<>(); // oldest first; guarded by this
    private boolean full; // guarded by this

    private record Client(String uuid, InetAddress address) {}

    RefusalLog(Logger logger, Duration interval) {
        this.logger = logger;
        intervalNanos = interval.toNanos();
    }

    /**
     * The address is not written: whether addresses may stand in the log is configured elsewhere.
     *
     * @param reason without anything of the client's
     */
    synchronized void refused(String uuid, InetAddress address, String reason, long nowNanos) {
        forget(nowNanos);
        Client client = new Client(uuid, address);
        if (loggedAtNanos.containsKey(client)) {
            return;
        }
        if (loggedAtNanos.size() == MOST_CLIENTS) {
            if (!full) {
                logger.warn("{} clients refused within the interval; further ones are only counted", MOST_CLIENTS);
            }
            full = true;
            return;
        }
        loggedAtNanos.put(client, nowNanos);
        logger.info("refused uuid {}: {}", QuotedText.of(uuid), reason);
    }

    private void forget(long nowNanos) {
        Iterator<Long> times = loggedAtNanos.values().iterator();
        while (times.hasNext() && nowNanos - times.next() >= intervalNanos) {
            times.remove();
            full = false;
        }
    }
}
