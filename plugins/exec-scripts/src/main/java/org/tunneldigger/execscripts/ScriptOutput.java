// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.execscripts;

import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Reads what a script prints, in a thread of its own, for the log.
 *
 * <p>It asks how much there is instead of waiting for the end: a process that the script leaves in the background may hold
 * the pipe open for ever, and must hold up neither the hook nor this thread.
 */
final class ScriptOutput implements Runnable {
    private static final long SHORTEST_PAUSE_MILLIS = 1;
    private static final long LONGEST_PAUSE_MILLIS = 50;
    private static final long SETTLE_MILLIS = 20;
    private static final long AWAIT_MILLIS = 200;

    private final Process process;
    private final OutputLines lines;
    private final CountDownLatch processEnded = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);

    ScriptOutput(Process process, String title, OutputBudget log) {
        this.process = process;
        this.lines = new OutputLines(title, log);
    }

    /** Nothing more is to be waited for, only what is in the pipe is still read. */
    void processEnded() {
        processEnded.countDown();
    }

    /** Waits until all is read, for a moment at most; returns whether it is. */
    boolean awaitEnd() throws InterruptedException {
        return ended.await(AWAIT_MILLIS, TimeUnit.MILLISECONDS);
    }

    @Override
    public void run() {
        try (InputStream in = process.getInputStream()) {
            read(in);
        } catch (IOException streamClosed) {
            // by the JDK, when the process has ended and nothing is left
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lines.end();
            ended.countDown();
        }
    }

    private void read(InputStream in) throws IOException, InterruptedException {
        byte[] buffer = new byte[8192];
        long pauseMillis = SHORTEST_PAUSE_MILLIS;
        boolean settled = false;
        while (true) {
            int ready = in.available();
            if (ready > 0) {
                int length = in.read(buffer, 0, Math.min(ready, buffer.length));
                if (length < 0) {
                    return;
                }
                lines.add(buffer, length);
                pauseMillis = SHORTEST_PAUSE_MILLIS;
                settled = false;
                if (!lines.full()) {
                    continue;
                }
            } else if (settled) {
                return;
            }
            if (processEnded.await(pauseMillis, TimeUnit.MILLISECONDS)) {
                // The JDK moves the rest of the pipe to a buffer when the process ends: give it the time.
                Thread.sleep(settled ? 0 : SETTLE_MILLIS);
                settled = true;
            } else {
                pauseMillis = Math.min(2 * pauseMillis, LONGEST_PAUSE_MILLIS);
            }
        }
    }
}
